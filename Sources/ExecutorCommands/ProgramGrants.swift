// SPDX-License-Identifier: Apache-2.0
internal import Egress
internal import FoundationEssentials
internal import HostAPI
internal import KeyValueDatabase
internal import Registry

/// What the options of `rookery run` grant.
struct ProgramGrants {
    private(set) var bindings: [HostBinding] = []
    let limits: HostLimits
    /// Variables of the environment that are granted, then texts of the bindings, then those of `--env`, which win.
    private(set) var variables: [(name: String, value: String)] = []

    /// - Throws: `CommandEnded`, wrong usage.
    init(_ options: Run) throws {
        let grants = options.grants
        do {
            limits = try HostLimits(
                commandLineSubrequests: grants.maxSubrequests, egressBytes: grants.maxEgressBytes)
            let given = try Self.variables(options.env)
            variables = try Self.environment(grants, without: Set(given.map(\.name)))
            let folder = FileManager.default.currentDirectoryPath
            if grants.allowRead != nil || grants.allowWrite != nil {
                let grant = try FileGrant(
                    commandLineRead: grants.allowRead, write: grants.allowWrite, folder: folder)
                let files = try Files(base: "/", current: "./" + folder)
                bindings.append(try HostTable([files]).bind(Files.self, as: "FILES", grant: grant))
            }
            if let text = grants.allowNet {
                let grant = try NetworkGrant(commandLine: text)
                let egress = try HTTPEgress()
                let table = try HostTable([Fetch(egress), WebSockets(egress)])
                bindings.append(try table.bind(Fetch.self, as: "fetch", grant: grant))
                bindings.append(try table.bind(WebSockets.self, as: "websocket", grant: grant))
            }
            if let file = grants.bindings { try add(file, data: grants.data, folder: folder) }
            variables += given
        } catch let error as GrantError {
            throw CommandEnded(.wrongUsage, error.description)
        }
    }

    /// Adds what a file of bindings grants.
    private mutating func add(_ name: String, data: String?, folder: String) throws {
        let text = try OperatorFile(name).read()
        let listed: [(name: String, binding: WorkerBinding)]
        do throws(ManifestError) {
            listed = try WorkerBinding.parse(text)
        } catch {
            throw CommandEnded(.wrongUsage, "\(name): \(error)")
        }
        var secrets: [String: String] = [:]
        for case (let name, .secret(let secret?)) in listed { secrets[name] = secret.value }
        let table = try Self.table(for: listed, Secrets(secrets), data: data, folder: folder)
        for (binding, what) in listed {
            switch what {
            case .text(let value): variables.append((binding, value))
            case .secret(let secret):
                guard secret != nil else {
                    throw CommandEnded(.wrongUsage, "\(name): \(binding): a secret needs a value here")
                }
                variables.append((binding, table.secrets.placeholder(binding) ?? ""))
            case .worker: throw CommandEnded(.wrongUsage, "\(name): \(binding): a single run has no other workers")
            case .capability(let type, let grant):
                bindings.removeAll { $0.name == binding }
                bindings.append(try table.operations.bind(type, as: binding, json: grant))
            }
        }
    }

    private static func table(
        for listed: [(name: String, binding: WorkerBinding)], _ secrets: Secrets, data: String?, folder: String
    ) throws -> (operations: HostTable, secrets: Secrets) {
        let types = Set(listed.compactMap { if case .capability(let type, _) = $0.binding { type } else { nil } })
        var capabilities: [any Capability] = [
            WallClock(), Random(), try Files(base: folder), HostAPI.Environment(ProcessInfo.processInfo.environment),
            Log(redacting: secrets) { StandardError.write("\($0.level.rawValue): \($0.text)\n") },
        ]
        // Neither a file nor threads for what nothing needs.
        if types.contains(KeyValue.name) { capabilities.append(try keyValue(data)) }
        if !types.isDisjoint(with: [Fetch.name, WebSockets.name]) {
            let egress = try HTTPEgress()
            capabilities += [Fetch(egress, secrets: secrets), WebSockets(egress, secrets: secrets)]
        }
        return (try HostTable(capabilities), secrets)
    }

    private static func keyValue(_ data: String?) throws -> KeyValue {
        guard let data else { return KeyValue(MemoryKeyValueStore()) }
        do {
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            return KeyValue(try DatabaseKeyValueStore(path: data + "/kv.sqlite"))
        } catch {
            throw CommandEnded(.wrongUsage, "--data \(data): \(error)")
        }
    }

    private static func variables(_ options: [String]) throws -> [(name: String, value: String)] {
        try options.map { pair in
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw CommandEnded(.wrongUsage, "--env takes NAME=VALUE, not \"\(pair)\"")
            }
            return (name: String(pair[..<equals]), value: String(pair[pair.index(after: equals)...]))
        }
    }

    private static func environment(
        _ grants: GrantOptions, without names: Set<String>
    ) throws -> [(name: String, value: String)] {
        guard let text = grants.allowEnv else { return [] }
        let grant = try EnvironmentGrant(commandLine: text)
        return ProcessInfo.processInfo.environment.filter { grant.allows($0.key) && !names.contains($0.key) }
            .map { (name: $0.key, value: $0.value) }.sorted { $0.name < $1.name }
    }
}
