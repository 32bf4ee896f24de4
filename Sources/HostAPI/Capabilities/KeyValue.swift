// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// Values by key in named namespaces.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `kv.get` | namespace, key | `null`, or the value's bytes, its metadata, its version |
/// | `kv.set` | namespace, key, bytes or text, options, metadata | the new version |
/// | `kv.delete` | namespace, key, options | whether it was there |
/// | `kv.list` | namespace, options | `{"keys":[{"name",…}],"cursor":…}` |
///
/// The namespace may be left out where the grant has one only. Options of `set`: `expiration` (milliseconds since
/// 1970), `expirationTtl` (milliseconds), `ifVersion` (of `delete` too; 0 is
/// "no value yet"). Metadata is JSON of at most 1024
/// bytes. Options of `list`: `prefix`, `cursor`, `limit` (1 to 1000).
public struct KeyValue: Capability {
    /// `kv`.
    public static let name = "kv"
    /// The longest key, in bytes of UTF-8: 512.
    public static let mostKeyBytes = 512
    /// The largest value, in bytes: 25 MiB.
    public static let mostValueBytes = 25 << 20
    /// The largest metadata, in bytes of JSON: 1024.
    public static let mostMetadataBytes = 1024

    private let store: any KeyValueStore
    private let now: @Sendable () -> Double

    /// Values in a store; the clock, in milliseconds since 1970, says when a time to live ends.
    public init(
        _ store: some KeyValueStore, now: @escaping @Sendable () -> Double = WallClock.systemTime
    ) {
        self.store = store
        self.now = now
    }

    /// Which namespaces.
    public typealias Grant = KeyValueGrant

    private struct SetOptions: Decodable {
        var expiration: Double?
        var expirationTtl: Double?
        var ifVersion: Int?
    }

    private struct ListOptions: Decodable {
        var prefix: String?
        var cursor: String?
        var limit: Int?
    }

    /// `get`, `set`, `delete`, `list`.
    public var operations: [Operation] { [get, set, delete, list] }

    private var get: Operation {
        later("get") { arguments, call, answer throws(HostError) in
            let (namespace, key) = try Self.key(arguments, call, writes: false)
            store.get(key, in: namespace) { result in
                answer(
                    result.map { entry in
                        guard let entry else { return .null }
                        let metadata = entry.value.metadata.map { HostValue.json($0) } ?? .null
                        return .list([.bytes(entry.value.bytes), metadata, .number(Double(entry.version))])
                    })
            }
        }
    }

    private var set: Operation {
        later("set", most: Self.mostValueBytes + (8 << 10)) { arguments, call, answer throws(HostError) in
            let (namespace, key) = try Self.key(arguments, call, writes: true)
            let bytes = try arguments.bytes(2, most: Self.mostValueBytes)
            let options = arguments.isAbsent(3) ? SetOptions() : try arguments.decode(3, as: SetOptions.self)
            var expiration = options.expiration
            if let life = options.expirationTtl { expiration = now() + life }
            guard expiration?.isFinite ?? true else { throw arguments.invalid(3, "has an expiration that is no time") }
            let metadata = try arguments.isAbsent(4) ? nil : Self.metadata(arguments)
            store.set(
                .init(bytes, metadata: metadata, expiration: expiration), for: key, in: namespace,
                if: Self.condition(options.ifVersion), quota: call.grant.quota
            ) { result in answer(result.map { .number(Double($0)) }) }
        }
    }

    private var delete: Operation {
        later("delete") { arguments, call, answer throws(HostError) in
            let (namespace, key) = try Self.key(arguments, call, writes: true)
            let options = arguments.isAbsent(2) ? SetOptions() : try arguments.decode(2, as: SetOptions.self)
            store.delete(key, in: namespace, if: Self.condition(options.ifVersion)) { result in
                answer(result.map { .boolean($0) })
            }
        }
    }

    private var list: Operation {
        later("list") { arguments, call, answer throws(HostError) in
            let namespace = try Self.namespace(arguments, call)
            let options = arguments.isAbsent(1) ? ListOptions() : try arguments.decode(1, as: ListOptions.self)
            let prefix = options.prefix ?? ""
            let limit = options.limit ?? 1000
            guard prefix.utf8.count <= Self.mostKeyBytes, options.cursor?.utf8.count ?? 0 <= Self.mostKeyBytes else {
                throw arguments.invalid(1, "has a prefix or cursor of more than \(Self.mostKeyBytes) bytes")
            }
            guard (1...1000).contains(limit) else {
                throw arguments.invalid(1, "has the limit \(limit); it may be 1 to 1000")
            }
            try call.require(
                call.grant.allowsReading(prefix, in: namespace),
                "listing keys with the prefix \(HostError.quote(prefix)) in the namespace \(HostError.quote(namespace))",
                allowedBy: Self.wanted(namespace, "reading", prefix))
            store.list(prefix, after: options.cursor, limit: limit, in: namespace) { result in
                answer { () throws(HostError) in try Self.page(try result.get()) }
            }
        }
    }

    private func later(
        _ name: String, most: Int = Operation.standardArgumentBytes,
        _ body: @escaping @Sendable (HostArguments, HostCall<KeyValueGrant>, HostAnswer) throws(HostError) -> Void
    ) -> Operation {
        Operation(later: name, mostArgumentBytes: most) { arguments, call, answer in
            do throws(HostError) {
                try body(arguments, call, answer)
            } catch {
                answer(.failure(error))
            }
        }
    }

    // MARK: Arguments

    private static func namespace(
        _ arguments: HostArguments, _ call: HostCall<KeyValueGrant>
    ) throws(HostError) -> String {
        guard arguments.isAbsent(0) else { return try arguments.string(0, most: 64) }
        let all = call.grant.read.union(call.grant.write)
        guard all.count == 1, let only = all.first else {
            throw arguments.invalid(0, "must name one of the namespaces \(all.sorted().joined(separator: ", "))")
        }
        return only
    }

    private static func key(
        _ arguments: HostArguments, _ call: HostCall<KeyValueGrant>, writes: Bool
    ) throws(HostError) -> (namespace: String, key: String) {
        let namespace = try namespace(arguments, call)
        let key = try arguments.string(1, most: mostKeyBytes)
        guard !key.isEmpty else { throw arguments.invalid(1, "is empty; a key has at least one character") }
        let verb = writes ? "writing" : "reading"
        let isAllowed =
            writes ? call.grant.allowsWriting(key, in: namespace) : call.grant.allowsReading(key, in: namespace)
        try call.require(
            isAllowed, "\(verb) \(HostError.quote(key)) in the namespace \(HostError.quote(namespace))",
            allowedBy: wanted(namespace, verb, key))
        return (namespace, key)
    }

    private static func wanted(_ namespace: String, _ verb: String, _ key: String) -> String {
        "a kv grant of \(verb) in the namespace \(HostError.quote(namespace)) with the prefix \(HostError.quote(key))"
    }

    private static func condition(_ version: Int?) -> KeyValueCondition {
        switch version {
        case nil: .always
        case 0: .absent
        case .some(let version): .version(version)
        }
    }

    private static func metadata(_ arguments: HostArguments) throws(HostError) -> [UInt8] {
        guard let text = arguments[4].jsonText else {
            throw arguments.invalid(4, "must be JSON, not \(arguments[4].kind)")
        }
        guard text.count <= mostMetadataBytes else {
            throw arguments.invalid(4, "has \(text.count) bytes of JSON; at most \(mostMetadataBytes) are taken")
        }
        return text
    }

    private struct ListedKey: Encodable {
        let name: String
        let expiration: Double?
        let version: Int
    }

    /// Metadata goes into the page as it was stored: its keys keep their order.
    private static func page(_ page: KeyValuePage) throws(HostError) -> HostValue {
        var json = Array(#"{"keys":["#.utf8)
        for (index, key) in page.keys.enumerated() {
            if index > 0 { json.append(UInt8(ascii: ",")) }
            json +=
                try HostValue(
                    encoding: ListedKey(name: key.name, expiration: key.expiration, version: key.version)
                ).jsonText ?? []
            guard let metadata = key.metadata, isJSON(metadata) else { continue }
            json.removeLast()
            json += #","metadata":"#.utf8
            json += metadata
            json.append(UInt8(ascii: "}"))
        }
        json.append(UInt8(ascii: "]"))
        if !page.isComplete, let last = page.keys.last {
            json += #","cursor":"#.utf8
            json += HostValue.string(last.name).jsonText ?? []
        }
        json.append(UInt8(ascii: "}"))
        return .json(json)
    }

    /// Whether a store gave back what it was given.
    private static func isJSON(_ text: [UInt8]) -> Bool {
        (try? JSONDecoder().decode(AnyJSON.self, from: Data(text))) != nil
    }

    private struct AnyJSON: Decodable {
        init(from decoder: any Decoder) throws {}
    }
}
