// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import FoundationEssentials
internal import HostAPI
internal import WorkerRuntime

/// What the options and the configuration file of `rookery serve` come to.
struct ServeSettings {
    let options: ExecutorOptions
    /// Child processes; 0: every isolate is in this process.
    let shards: Int
    /// A shard of which nothing is heard for so long is killed, in milliseconds; `nil`: as is usual.
    let shardSilence: Int?
    /// A shard that is older is replaced, in seconds; 0: never; `nil`: as is usual.
    let shardAge: Int?
    /// Every layer of a shard's sandbox that is standard must hold.
    let requireSandbox: Bool
    /// Shards of workers of low trust generate no machine code.
    let jitlessLowTrust: Bool

    /// Descriptors for what is no connection: databases, shards, threads, libraries.
    private static let ownDescriptors = 256

    /// - Parameter descriptors: how many the process may have.
    /// - Throws: `CommandEnded`, wrong usage.
    init(_ command: Serve, descriptors: Int) throws {
        let file = try command.config.map { try ServeFile(path: $0) } ?? ServeFile()
        shards = command.shards ?? file.shards ?? 0
        shardSilence = file.shardSilence
        shardAge = file.shardAge
        requireSandbox = command.requireSandbox || file.requireSandbox ?? false
        jitlessLowTrust = command.jitlessLowTrust || file.jitlessLowTrust ?? false
        guard (0...256).contains(shards) else {
            throw CommandEnded(.wrongUsage, "--shards takes a number from 0 to 256, not \(shards)")
        }
        guard shards > 0 || !jitlessLowTrust else {
            throw CommandEnded(.wrongUsage, "--jitless-low-trust is about shards: it takes --shards N")
        }
        do throws(FrontError) {
            let addresses = command.listen.isEmpty ? file.listen ?? ["127.0.0.1:8787"] : command.listen
            let identity = try Self.identity(
                command.tlsCertificate ?? file.tlsCertificate, command.tlsKey ?? file.tlsKey)
            var listeners: [FrontOptions.Listener] = []
            for address in addresses { listeners.append(.init(try FrontAddress(address), tls: identity)) }
            let cores = command.threads ?? file.threads ?? ProcessInfo.processInfo.activeProcessorCount
            var options = ExecutorOptions(
                data: command.data ?? file.data ?? "./rookery-data", listeners: listeners,
                admin: try FrontAddress(command.admin ?? file.admin ?? "127.0.0.1:8788"), cores: max(1, cores))
            options.domain = command.domain ?? file.domain ?? options.domain
            options.adminToken = Environment["ROOKERY_ADMIN_TOKEN"]
            options.host.mostIsolates = max(1, command.mostIsolates ?? file.mostIsolates ?? options.host.mostIsolates)
            if let folder = command.files ?? file.files { options.resources.files = .perWorker(folder) }
            options.forwarding.trusted = try Self.proxies(file.trustedProxies ?? [])
            options.forwarding.trustsUnixSockets =
                file.trustsUnixSockets ?? options.forwarding.trustsUnixSockets
            options.limits.bodyBytes = file.bodyBytes ?? options.limits.bodyBytes
            // A connection may want another one, to where its worker sends a request.
            let connections = max(16, (descriptors - Self.ownDescriptors) / 2)
            options.limits.connections = min(file.connections ?? options.limits.connections, connections)
            options.drainTime = file.drainSeconds.map { .seconds($0) } ?? options.drainTime
            // Some of it are words of shards.
            options.onFault = { StandardError.write("rookery: \(TerminalText.line($0))\n") }
            options.version = "0.1.0"
            options.log =
                switch command.log ?? file.log ?? "stderr" {
                case "none": nil
                case "stderr": .function { StandardError.write(String(decoding: $0, as: UTF8.self)) }
                case let path: .file(path)
                }
            self.options = options
        } catch {
            throw CommandEnded(.wrongUsage, error.description)
        }
    }

    private static func identity(_ certificate: String?, _ key: String?) throws(FrontError) -> TLSIdentity? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (let certificate?, let key?): return TLSIdentity(certificateFile: certificate, keyFile: key)
        default: throw FrontError("TLS needs both --tls-certificate and --tls-key")
        }
    }

    private static func proxies(_ texts: [String]) throws(FrontError) -> [AddressBlock] {
        var blocks: [AddressBlock] = []
        for text in texts {
            do throws(GrantError) {
                blocks.append(try AddressBlock(text))
            } catch {
                throw FrontError("trustedProxies: \(error)")
            }
        }
        return blocks
    }
}

/// The configuration file of `rookery serve`.
private struct ServeFile: Decodable {
    var listen: [String]?
    var admin: String?
    var data: String?
    var domain: String?
    var shards: Int?
    var requireSandbox: Bool?
    var jitlessLowTrust: Bool?
    var tlsCertificate: String?
    var tlsKey: String?
    var files: String?
    var log: String?
    var mostIsolates: Int?
    var threads: Int?
    /// Addresses of proxies whose word counts for where requests come from.
    var trustedProxies: [String]?
    var trustsUnixSockets: Bool?
    /// The most bytes of a request's body.
    var bodyBytes: Int?
    /// Connections at a time.
    var connections: Int?
    /// Milliseconds without a word after which a shard is killed.
    var shardSilence: Int?
    /// Seconds after which a shard is replaced by a new one; 0: never.
    var shardAge: Int?
    /// How long requests may go on at the end.
    var drainSeconds: Int?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case listen, admin, data, domain, shards, requireSandbox, jitlessLowTrust, tlsCertificate, tlsKey, files, log,
            mostIsolates, threads
        case trustedProxies, trustsUnixSockets, bodyBytes, connections, drainSeconds, shardSilence, shardAge
    }

    init() {}

    /// - Throws: `CommandEnded`, wrong usage.
    init(path: String) throws {
        let text = try OperatorFile(path).read()
        do {
            let known = Set(CodingKeys.allCases.map(\.rawValue))
            let names = try JSONDecoder().decode([String: AnyJSON].self, from: Data(text)).keys
            if let unknown = names.sorted().first(where: { !known.contains($0) }) {
                throw CommandEnded(
                    .wrongUsage,
                    "\(path): there is no setting \"\(unknown)\"; there are \(known.sorted().joined(separator: ", "))")
            }
            self = try JSONDecoder().decode(ServeFile.self, from: Data(text))
        } catch let DecodingError.typeMismatch(_, context), let DecodingError.valueNotFound(_, context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw CommandEnded(.wrongUsage, "\(path): \(place): \(context.debugDescription)")
        } catch let error as CommandEnded {
            throw error
        } catch {
            throw CommandEnded(.wrongUsage, "\(path): this is no JSON object of settings")
        }
    }

    /// Any value at all.
    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
