// SPDX-License-Identifier: Apache-2.0

/// Where values are kept by namespace and key. Every answer comes once, from any thread.
///
/// Keys are the bytes of their UTF-8: two texts that look alike are two keys. The capability checks names, sizes and
/// grants before it asks a store.
public protocol KeyValueStore: Sendable {
    /// The value of a key; `nil` where there is none, or it has expired.
    func get(
        _ key: String, in namespace: String, _ answer: @escaping @Sendable (Result<KeyValueEntry?, HostError>) -> Void)

    /// Sets a value and answers its version, once it is as durable as the store makes it.
    ///
    /// Fails with `conflict` where the condition does not hold, and `exhausted` where the quota would be passed.
    func set(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String, if condition: KeyValueCondition,
        quota: KeyValueQuota, _ answer: @escaping @Sendable (Result<Int, HostError>) -> Void)

    /// Removes a key, and answers whether it was there. Fails with `conflict` where the condition does not hold.
    func delete(
        _ key: String, in namespace: String, if condition: KeyValueCondition,
        _ answer: @escaping @Sendable (Result<Bool, HostError>) -> Void)

    /// Up to `limit` keys that begin with a prefix and come after a key, in the order of their bytes.
    func list(
        _ prefix: String, after key: String?, limit: Int, in namespace: String,
        _ answer: @escaping @Sendable (Result<KeyValuePage, HostError>) -> Void)
}

/// What is kept for a key.
public struct KeyValueEntry: Sendable, Hashable {
    /// What is set.
    public struct Value: Sendable, Hashable {
        /// The value itself.
        public var bytes: [UInt8]
        /// JSON text that lists show too.
        public var metadata: [UInt8]?
        /// When it ceases to be there, in milliseconds since 1970.
        public var expiration: Double?

        /// A value.
        public init(_ bytes: [UInt8], metadata: [UInt8]? = nil, expiration: Double? = nil) {
            self.bytes = bytes
            self.metadata = metadata
            self.expiration = expiration
        }

        /// What it counts for in a quota of bytes, without its key.
        package var size: Int { bytes.count + (metadata?.count ?? 0) }
        /// Whether it is there no longer.
        package func isOver(at time: Double) -> Bool { expiration.map { $0 <= time } ?? false }
    }

    /// What was set.
    public var value: Value
    /// Above zero, and another one after every change of the key.
    public var version: Int

    /// An entry.
    public init(_ value: Value, version: Int) {
        self.value = value
        self.version = version
    }
}

/// What must hold for a change to be made.
public enum KeyValueCondition: Sendable, Hashable {
    /// Nothing.
    case always
    /// There is no value.
    case absent
    /// The value has this version.
    case version(Int)

    /// Whether it holds where the key has this version, or `nil` no value.
    public func holds(_ version: Int?) -> Bool {
        switch self {
        case .always: true
        case .absent: version == nil
        case .version(let wanted): version == wanted
        }
    }

    /// - Throws: `conflict` where it does not hold.
    package func require(_ version: Int?, of key: String) throws(HostError) {
        guard !holds(version) else { return }
        let has = version.map { "has version \($0)" } ?? "has no value"
        throw HostError(.conflict, "the key \(HostError.quote(key)) \(has); read it and try again")
    }
}

/// How much a namespace may hold; `nil` is no limit.
public struct KeyValueQuota: Sendable, Hashable, Codable {
    /// Keys, values and metadata together, in bytes.
    public var bytes: Int?
    /// Keys.
    public var keys: Int?

    /// A quota.
    public init(bytes: Int? = nil, keys: Int? = nil) {
        self.bytes = bytes
        self.keys = keys
    }

    /// The smaller numbers.
    public func narrowed(by other: KeyValueQuota) -> KeyValueQuota {
        func least(_ left: Int?, _ right: Int?) -> Int? {
            guard let left, let right else { return left ?? right }
            return min(left, right)
        }
        return KeyValueQuota(bytes: least(bytes, other.bytes), keys: least(keys, other.keys))
    }

    /// Whether a namespace may come to hold this much. What makes it smaller is always allowed.
    package func require(bytes: Int, insteadOf oldBytes: Int, keys: Int, addsKey: Bool) throws(HostError) {
        if let most = self.bytes, bytes > most, bytes > oldBytes { throw Self.full("\(most) bytes") }
        if let most = self.keys, keys > most, addsKey { throw Self.full("\(most) keys") }
    }

    private static func full(_ what: String) -> HostError {
        HostError(.exhausted, "the namespace may hold \(what); delete some keys, or ask for a larger quota")
    }
}

/// Keys in order.
public struct KeyValuePage: Sendable, Hashable {
    /// A key and what a list shows of its entry.
    public struct Key: Sendable, Hashable {
        /// The key.
        public var name: String
        /// Its metadata, as JSON text.
        public var metadata: [UInt8]?
        /// When it expires, in milliseconds since 1970.
        public var expiration: Double?
        /// Its version.
        public var version: Int

        /// A key.
        public init(name: String, metadata: [UInt8]?, expiration: Double?, version: Int) {
            self.name = name
            self.metadata = metadata
            self.expiration = expiration
            self.version = version
        }
    }

    /// The keys.
    public var keys: [Key]
    /// Whether these are all; if not, the next page begins after the last of them.
    public var isComplete: Bool

    /// A page.
    public init(keys: [Key], isComplete: Bool) {
        self.keys = keys
        self.isComplete = isComplete
    }
}

extension KeyValueStore {
    /// The value of a key.
    public func get(_ key: String, in namespace: String) async throws(HostError) -> KeyValueEntry? {
        try await withCheckedContinuation { continuation in
            get(key, in: namespace) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Sets a value and returns its version.
    @discardableResult public func set(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String, if condition: KeyValueCondition = .always,
        quota: KeyValueQuota = KeyValueQuota()
    ) async throws(HostError) -> Int {
        try await withCheckedContinuation { continuation in
            set(value, for: key, in: namespace, if: condition, quota: quota) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Removes a key, and returns whether it was there.
    @discardableResult public func delete(
        _ key: String, in namespace: String, if condition: KeyValueCondition = .always
    ) async throws(HostError) -> Bool {
        try await withCheckedContinuation { continuation in
            delete(key, in: namespace, if: condition) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Up to `limit` keys that begin with a prefix, after a key.
    public func list(
        _ prefix: String = "", after key: String? = nil, limit: Int = 1000, in namespace: String
    ) async throws(HostError) -> KeyValuePage {
        try await withCheckedContinuation { continuation in
            list(prefix, after: key, limit: limit, in: namespace) { continuation.resume(returning: $0) }
        }.get()
    }
}
