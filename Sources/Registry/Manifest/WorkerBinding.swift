// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// What a worker finds under a name of its `env`.
public enum WorkerBinding: Sendable, Hashable {
    /// A text that anybody may see who may see the worker.
    case text(String)
    /// A value that nobody is shown. `nil` keeps what the name has in the version in service.
    case secret(SecretValue?)
    /// Another worker.
    case worker(WorkerName)
    /// A capability by its name, with the grant as an operator wrote it: the text of a JSON object.
    case capability(String, grant: [UInt8])

    /// The types that are no capabilities.
    static let plainTypes = ["text", "secret", "worker"]
    /// The most bytes of a text or secret.
    static let mostValueBytes = 64 << 10

    init(_ value: JSONValue, at path: String) throws(ManifestError) {
        let any = try ManifestReader(value, at: path)
        switch try any.text("type") {
        case "text":
            self = .text(try ManifestReader(value, at: path, members: ["type", "value"]).text("value"))
        case "secret":
            let reader = try ManifestReader(value, at: path, members: ["type", "value"])
            self = .secret(try reader.optionalText("value").map { SecretValue($0) })
        case "worker":
            let reader = try ManifestReader(value, at: path, members: ["type", "name"])
            let name = try reader.text("name")
            do throws(ManifestError) {
                self = .worker(try WorkerName(name))
            } catch {
                throw error.within(reader.path(of: "name"))
            }
        case let type:
            self = .capability(type, grant: try value.bytes)
        }
    }

    /// As in a manifest, without the value of a secret.
    var json: JSONValue {
        get throws(ManifestError) {
            switch self {
            case .text(let value): .object(["type": .text("text"), "value": .text(value)])
            case .secret: .object(["type": .text("secret")])
            case .worker(let name): .object(["type": .text("worker"), "name": .text(name.description)])
            case .capability(let type, let grant): try Self.object(grant, type: type)
            }
        }
    }

    /// An embedder's grant may lack the type, by which it is read again.
    private static func object(_ grant: [UInt8], type: String) throws(ManifestError) -> JSONValue {
        guard case .object(var members) = try JSONValue(parsing: grant) else {
            throw ManifestError("", "the grant of a capability must be an object")
        }
        members["type"] = .text(type)
        return .object(members)
    }

    func check(name: String, path: String, _ rules: ManifestRules) throws(ManifestError) {
        switch self {
        case .text(let value): try Self.checkSize(value, path)
        case .secret(let secret):
            guard let secret else { return }
            try Self.checkSize(secret.value, path)
            do throws(GrantError) {
                _ = try Secrets([name: secret.value])
            } catch {
                throw ManifestError(path, error.description)
            }
        case .worker: return
        case .capability(let type, let grant):
            guard grant.count <= rules.mostGrantBytes else {
                throw ManifestError(path, "a grant of more than \(rules.mostGrantBytes) bytes", kind: .tooLarge)
            }
            try rules.check(type, grant: grant, path: path)
        }
    }

    private static func checkSize(_ value: String, _ path: String) throws(ManifestError) {
        guard value.utf8.count <= mostValueBytes else {
            throw ManifestError(path, "a value of more than \(mostValueBytes) bytes", kind: .tooLarge)
        }
    }
}

/// A value that descriptions and dumps do not show.
public struct SecretValue: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// The value itself.
    public let value: String

    /// A secret: printable ASCII, which fits into the headers of requests.
    public init(_ value: String) { self.value = value }

    /// That there is one.
    public var description: String { "(secret)" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension WorkerBinding {
    /// Reads an object of bindings by name, as in a manifest.
    package static func parse(_ json: [UInt8]) throws(ManifestError) -> [(name: String, binding: WorkerBinding)] {
        guard case .object(let members) = try JSONValue(parsing: json) else {
            throw ManifestError("", "bindings must be an object of bindings by name")
        }
        var bindings: [(name: String, binding: WorkerBinding)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            bindings.append((name, try WorkerBinding(value, at: name)))
        }
        return bindings
    }
}
