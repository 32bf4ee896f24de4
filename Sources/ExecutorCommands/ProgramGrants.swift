// SPDX-License-Identifier: Apache-2.0
internal import Egress
internal import ExecutorServer
internal import FoundationEssentials
internal import HostAPI
internal import Registry

/// What the options of `rookery run` grant.
struct ProgramGrants {
    private(set) var bindings: [HostBinding] = []
    let limits: HostLimits
    /// Variables of the environment that are granted, then texts of the bindings, then those of `--env`, which win.
    private(set) var variables: [(name: String, value: String)] = []

    /// - Parameter env: texts `NAME=VALUE`.
    /// - Throws: `CommandEnded`, wrong usage.
    init(_ grants: GrantOptions, env: [String]) throws {
        do {
            limits = try HostLimits(
                commandLineSubrequests: grants.maxSubrequests, egressBytes: grants.maxEgressBytes)
            let given = try Self.variables(env)
            variables = try Self.environment(grants, without: Set(given.map(\.name)))
            let folder = FileManager.default.currentDirectoryPath
            let resources = try Self.resources(grants, folder: folder)
            if grants.allowRead != nil || grants.allowWrite != nil {
                let grant = try FileGrant(
                    commandLineRead: grants.allowRead, write: grants.allowWrite, folder: folder)
                let files = try Files(base: "/", current: "./" + folder)
                bindings.append(try HostTable([files]).bind(Files.self, as: "FILES", grant: grant))
            }
            if let text = grants.allowNet {
                let grant = try NetworkGrant(commandLine: text)
                bindings.append(try resources.bind(Fetch.self, as: "fetch", grant: grant))
                bindings.append(try resources.bind(WebSockets.self, as: "websocket", grant: grant))
            }
            if let file = grants.bindings { try add(file, from: resources) }
            variables += given
        } catch let error as GrantError {
            throw CommandEnded(.wrongUsage, error.description)
        }
    }

    /// Adds what a file of bindings grants.
    private mutating func add(_ name: String, from resources: HostResources) throws {
        let text = try OperatorFile(name).read()
        let added: WorkerGrants
        do {
            added = try WorkerGrants(try WorkerBinding.parse(text), of: "", from: resources)
        } catch {
            throw CommandEnded(.wrongUsage, "\(name): \(error)")
        }
        variables += added.variables
        bindings.removeAll { old in added.bindings.contains { $0.name == old.name } }
        bindings += added.bindings
    }

    /// What there is to grant; relative paths of bindings begin at the folder.
    static func resources(_ grants: GrantOptions, folder: String) throws -> HostResources {
        var options = HostResources.Options()
        options.files = .shared(folder)
        options.environment = ProcessInfo.processInfo.environment
        options.log = { StandardError.write("\($0.level.rawValue): \($0.text)\n") }
        if let data = grants.data {
            do {
                try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
            } catch {
                throw CommandEnded(.wrongUsage, "--data \(data): \(error)")
            }
            options.keyValueFile = data + "/kv.sqlite"
        }
        return HostResources(options)
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
