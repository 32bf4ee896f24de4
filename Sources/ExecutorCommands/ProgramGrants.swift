// SPDX-License-Identifier: Apache-2.0
internal import Egress
internal import FoundationEssentials
internal import HostAPI
internal import WorkerTypes

/// What the options of `rookery run` grant.
struct ProgramGrants {
    let bindings: [HostBinding]
    let limits: HostLimits
    /// Variables of the environment that are granted, then those of `--env`, which win.
    let variables: [(name: String, value: String)]

    /// - Throws: `CommandEnded`, wrong usage.
    init(_ options: Run) throws {
        let grants = options.grants
        do {
            limits = try HostLimits(
                commandLineSubrequests: grants.maxSubrequests, egressBytes: grants.maxEgressBytes)
            bindings = try Self.bindings(grants)
            variables = try Self.variables(options)
        } catch let error as GrantError {
            throw CommandEnded(.wrongUsage, error.description)
        }
    }

    private static func bindings(_ grants: GrantOptions) throws -> [HostBinding] {
        var bindings: [HostBinding] = []
        if let text = grants.allowNet {
            let grant = try NetworkGrant(commandLine: text)
            bindings.append(try HostTable([Fetch(try HTTPEgress())]).bind(Fetch.self, as: "fetch", grant: grant))
        }
        if grants.allowRead != nil || grants.allowWrite != nil {
            let folder = FileManager.default.currentDirectoryPath
            let grant = try FileGrant(
                commandLineRead: grants.allowRead, write: grants.allowWrite, folder: folder)
            let files = try Files(base: "/", current: "./" + folder)
            bindings.append(try HostTable([files]).bind(Files.self, as: "FILES", grant: grant))
        }
        return bindings
    }

    private static func variables(_ options: Run) throws -> [(name: String, value: String)] {
        let given = try options.env.map { pair in
            guard let equals = pair.firstIndex(of: "="), equals != pair.startIndex else {
                throw CommandEnded(.wrongUsage, "--env takes NAME=VALUE, not \"\(pair)\"")
            }
            return (name: String(pair[..<equals]), value: String(pair[pair.index(after: equals)...]))
        }
        guard let text = options.grants.allowEnv else { return given }
        let grant = try EnvironmentGrant(commandLine: text)
        let names = Set(given.map(\.name))
        return ProcessInfo.processInfo.environment.filter { grant.allows($0.key) && !names.contains($0.key) }
            .map { (name: $0.key, value: $0.value) }.sorted { $0.name < $1.name } + given
    }
}
