// SPDX-License-Identifier: Apache-2.0
internal import Egress
public import HostAPI
public import Registry

/// What the bindings of a manifest are to a dispatch: values of `env`, and what was granted.
public struct WorkerGrants: Sendable {
    /// Texts, and the placeholders of secrets, in the order of their names.
    public private(set) var variables: [(name: String, value: String)] = []
    /// Capabilities and other workers, in the order of their names.
    public private(set) var bindings: [HostBinding] = []

    /// Makes what is listed.
    /// - Parameters:
    ///   - listed: the bindings by name, in their order.
    ///   - worker: whose they are.
    ///   - resources: what there is to grant.
    ///   - guessesSecrets: whether a secret without a value gets a placeholder all the same: where a version is tried,
    ///     the value that it keeps is not known.
    /// - Throws: `BindingError` for the first that cannot be made.
    public init(
        _ listed: [(name: String, binding: WorkerBinding)], of worker: String, from resources: HostResources,
        guessesSecrets: Bool = false
    ) throws(BindingError) {
        let secrets = try Self.secrets(in: listed, guesses: guessesSecrets)
        for (name, binding) in listed {
            do throws(GrantError) {
                switch binding {
                case .text(let value): variables.append((name, value))
                case .secret: variables.append((name, secrets.placeholder(name) ?? ""))
                case .worker(let other):
                    bindings.append(
                        try resources.bind(Services.self, as: name, grant: ServiceGrant(name: other.description)))
                case .capability(let type, let grant):
                    bindings.append(try resources.bind(type, as: name, json: grant, for: worker, secrets))
                    // WebSocket and EventSource reach what fetch does, unless they have a grant of their own.
                    let isGlobal = name == Fetch.name && type == Fetch.name
                    if isGlobal, !listed.contains(where: { $0.name == WebSockets.name }) {
                        bindings.append(
                            try resources.bind(WebSockets.name, as: WebSockets.name, json: grant, for: worker, secrets))
                    }
                }
            } catch {
                throw BindingError(name, error.description)
            }
        }
    }

    private static func secrets(
        in listed: [(name: String, binding: WorkerBinding)], guesses: Bool
    ) throws(BindingError) -> Secrets {
        var values: [String: String] = [:]
        for (name, binding) in listed {
            guard case .secret(let secret) = binding else { continue }
            guard let value = secret?.value ?? (guesses ? "-" : nil) else {
                throw BindingError(name, "a secret needs a value here")
            }
            do throws(GrantError) {
                _ = try Secrets([name: value])
            } catch {
                throw BindingError(name, error.description)
            }
            values[name] = value
        }
        do throws(GrantError) {
            return try Secrets(values)
        } catch {
            throw BindingError("", error.description)
        }
    }
}

/// Why a binding cannot be made: the fault of whoever deploys, or of the operator.
public struct BindingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The name of the binding.
    public let binding: String
    /// What is wrong and what would be right.
    public let message: String

    init(_ binding: String, _ message: String) {
        self.binding = binding
        self.message = message
    }

    /// The name and the message.
    public var description: String { "\(binding): \(message)" }

    /// The same as a reason why a version does not work.
    public var problem: DeploymentProblem { DeploymentProblem(.binding, "bindings.\(description)") }
}
