// SPDX-License-Identifier: Apache-2.0

/// The grant of namespaces of keys and values.
public struct KeyValueGrant: HostGrant, Hashable {
    /// The namespaces whose keys may be read and listed.
    public private(set) var read: Set<String>
    /// The namespaces whose keys may be set and deleted.
    public private(set) var write: Set<String>
    /// What a key must begin with, one of these; `nil` is no condition.
    public var prefixes: [String]?
    /// How much each namespace may hold.
    public var quota: KeyValueQuota

    /// A grant of these namespaces: lower-case letters, digits, dashes, dots and underscores, at most 64.
    /// - Throws: `GrantError` for another name.
    public init(
        read: Set<String>, write: Set<String> = [], prefixes: [String]? = nil, quota: KeyValueQuota = .init()
    ) throws(GrantError) {
        for name in read.union(write) where !Self.isName(name) {
            throw GrantError(
                "\(HostError.quote(name)) is no namespace: use lower-case letters, digits, dashes, dots and underscores"
            )
        }
        self.init(checked: read, write: write, prefixes: prefixes, quota: quota)
    }

    private init(checked read: Set<String>, write: Set<String>, prefixes: [String]?, quota: KeyValueQuota) {
        self.read = read
        self.write = write
        self.prefixes = prefixes
        self.quota = quota
    }

    /// A grant to read and write one namespace.
    public static func namespace(_ name: String, quota: KeyValueQuota = .init()) throws(GrantError) -> KeyValueGrant {
        try KeyValueGrant(read: [name], write: [name], quota: quota)
    }

    /// What both grant.
    public func narrowed(by other: KeyValueGrant) -> KeyValueGrant {
        KeyValueGrant(
            checked: read.intersection(other.read), write: write.intersection(other.write),
            prefixes: Self.both(prefixes, other.prefixes), quota: quota.narrowed(by: other.quota))
    }

    /// Of two prefixes that can begin one key, the longer.
    private static func both(_ left: [String]?, _ right: [String]?) -> [String]? {
        guard let left, let right else { return left ?? right }
        var both: [String] = []
        for left in left {
            for right in right {
                let (short, long) = left.utf8.count <= right.utf8.count ? (left, right) : (right, left)
                if long.utf8.starts(with: short.utf8), !both.contains(where: { $0.utf8.elementsEqual(long.utf8) }) {
                    both.append(long)
                }
            }
        }
        return both
    }

    /// Whether a key, or the beginning of keys, is granted in a namespace.
    public func allowsReading(_ key: String, in namespace: String) -> Bool {
        read.contains(namespace) && allows(key)
    }

    /// Whether a key may be set and deleted in a namespace.
    public func allowsWriting(_ key: String, in namespace: String) -> Bool {
        write.contains(namespace) && allows(key)
    }

    private func allows(_ key: String) -> Bool {
        prefixes?.contains { key.utf8.starts(with: $0.utf8) } ?? true
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || "-._".utf8.contains($0)
            }
    }

    /// Decodes `{"read":[…],"write":[…],"prefixes":[…],"quota":{…}}`; `namespace` is short for both lists.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["namespace", "read", "write", "prefixes", "quota"])
        let both: Set<String> = try container.value("namespace", String?.self, or: nil).map { [$0] } ?? []
        let read: Set<String> = try container.value("read", or: [])
        let write: Set<String> = try container.value("write", or: [])
        do throws(GrantError) {
            self = try KeyValueGrant(
                read: both.union(read), write: both.union(write), prefixes: nil)
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: error.description))
        }
        prefixes = try container.value("prefixes", or: nil)
        quota = try container.value("quota", or: .init())
    }

    /// Encodes all of it.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encode(read, forKey: GrantKey("read"))
        try container.encode(write, forKey: GrantKey("write"))
        try container.encodeIfPresent(prefixes, forKey: GrantKey("prefixes"))
        try container.encode(quota, forKey: GrantKey("quota"))
    }
}
