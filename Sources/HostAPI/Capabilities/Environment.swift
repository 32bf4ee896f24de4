// SPDX-License-Identifier: Apache-2.0

/// Variables of the environment, by name. Secrets among them are seen as their placeholders.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `env.get` | name | its value, or `undefined` |
/// | `env.names` | | a list of the granted names that there are |
public struct Environment: Capability {
    /// `env`.
    public static let name = "env"
    private let values: [String: String]
    private let names: [String]

    /// Variables, and secrets under their own names.
    public init(_ values: [String: String], secrets: Secrets = .none) {
        var values = values
        for name in secrets.names { values[name] = secrets.placeholder(name) }
        self.values = values
        names = values.keys.sorted()
    }

    /// Which variables.
    public typealias Grant = EnvironmentGrant

    /// `get`, `names`.
    public var operations: [Operation] {
        [
            Operation(sync: "get") { (arguments: HostArguments, call) throws(HostError) in
                let name = try arguments.string(0, most: 4096)
                try call.require(
                    call.grant.allows(name), "the variable \(HostError.quote(name))",
                    allowedBy: "an env grant of that name")
                return values[name].map { .string($0) } ?? .undefined
            },
            Operation(sync: "names") { (_: HostArguments, call) throws(HostError) in
                try HostValue(encoding: names.filter(call.grant.allows))
            },
        ]
    }
}
