// SPDX-License-Identifier: Apache-2.0

/// Which addresses may be connected to: those of the public Internet, and others only where they are granted.
///
/// A name says nothing about where it leads, and may lead elsewhere at each look. So what was resolved is checked, and
/// the connection must go to the address that was.
public struct AddressPolicy: Sendable, Hashable, Codable {
    /// Why an address is not public.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case unspecified
        case loopback
        case privateUse = "private"
        case linkLocal = "link-local"
        case uniqueLocal = "unique-local"
        case carrierGrade = "carrier-grade NAT"
        case multicast
        case broadcast
        case documentation
        case benchmarking
        case metadata = "cloud metadata"
        /// An IPv6 address that stands for one of IPv4.
        case translated = "translated IPv4"
        case reserved
    }

    /// What is granted although it is not public.
    public var granted: [AddressBlock]

    /// Public addresses, and these.
    public init(granted: [AddressBlock] = []) { self.granted = granted }

    /// Public addresses only.
    public static let publicOnly = AddressPolicy()
    /// Every address.
    public static let everything = AddressPolicy(granted: [
        AddressBlock(first: IPAddress(v4: 0), prefix: 0), AddressBlock(first: IPAddress(v6: 0), prefix: 0),
    ])

    /// Whether a connection may be made. An address that stands for one of IPv4 also needs that one.
    public func allows(_ address: IPAddress) -> Bool {
        if Self.kind(of: address) == nil { return true }
        guard granted.contains(where: { $0.contains(address) }) else { return false }
        // `::1` and the like are no translations, although they are in `::/96`.
        guard Self.kind(of: address) == .translated, let embedded = address.embedded else { return true }
        return allows(embedded)
    }

    /// What both grant.
    public func narrowed(by other: AddressPolicy) -> AddressPolicy {
        var both: [AddressBlock] = []
        for left in granted {
            for right in other.granted {
                if let block = left.intersection(right), !both.contains(block) { both.append(block) }
            }
        }
        return AddressPolicy(granted: both)
    }

    /// Why an address is not public; `nil` if it is.
    public static func kind(of address: IPAddress) -> Kind? {
        let table = address.family == .v4 ? tableV4 : tableV6
        let high = UInt16(truncatingIfNeeded: address.bits >> UInt128(address.family.width - 16))
        for entry in table where entry.mayContain(high) && entry.block.contains(address) { return entry.kind }
        // Nothing else of version 6 is assigned for unicast.
        return address.family == .v6 && high >> 13 != 1 ? .reserved : nil
    }

    /// Decodes a list of blocks.
    public init(from decoder: any Decoder) throws { granted = try [AddressBlock](from: decoder) }

    /// Encodes a list of blocks.
    public func encode(to encoder: any Encoder) throws { try granted.encode(to: encoder) }
}

/// What IANA's registries of special-purpose addresses list, and addresses at which clouds serve credentials. The
/// first entry that contains an address says what it is.
private struct SpecialBlock: Sendable {
    let block: AddressBlock
    let kind: AddressPolicy.Kind

    init(_ block: AddressBlock, _ kind: AddressPolicy.Kind) {
        self.block = block
        self.kind = kind
    }

    /// A quick look at the first 16 bits.
    func mayContain(_ high: UInt16) -> Bool {
        let first = UInt16(truncatingIfNeeded: block.first.bits >> UInt128(block.first.family.width - 16))
        let free = max(0, 16 - block.prefix)
        return (first ^ high) >> UInt16(free) == 0
    }
}

private func table(_ rows: [(String, AddressPolicy.Kind)]) -> [SpecialBlock] {
    // A row that did not parse would leave a hole: a test counts them.
    rows.compactMap { text, kind in (try? AddressBlock(text)).map { SpecialBlock($0, kind) } }
}

private let tableV4 = table(rowsV4)
private let tableV6 = table(rowsV6)

private let rowsV4: [(String, AddressPolicy.Kind)] = [
    ("169.254.169.254", .metadata), ("169.254.170.2", .metadata), ("168.63.129.16", .metadata),
    ("100.100.100.200", .metadata), ("192.0.0.192", .metadata),
    ("0.0.0.0/8", .unspecified), ("10.0.0.0/8", .privateUse), ("100.64.0.0/10", .carrierGrade),
    ("127.0.0.0/8", .loopback), ("169.254.0.0/16", .linkLocal), ("172.16.0.0/12", .privateUse),
    ("192.0.0.0/24", .reserved), ("192.0.2.0/24", .documentation), ("192.88.99.0/24", .reserved),
    ("192.168.0.0/16", .privateUse), ("198.18.0.0/15", .benchmarking), ("198.51.100.0/24", .documentation),
    ("203.0.113.0/24", .documentation), ("224.0.0.0/4", .multicast), ("255.255.255.255", .broadcast),
    ("240.0.0.0/4", .reserved),
]

private let rowsV6: [(String, AddressPolicy.Kind)] = [
    ("fd00:ec2::254", .metadata), ("fd20:ce::254", .metadata), ("fd00:42::42", .metadata),
    ("::", .unspecified), ("::1", .loopback), ("::/96", .translated), ("::ffff:0:0/96", .translated),
    ("::ffff:0:0:0/96", .translated), ("64:ff9b::/96", .translated), ("64:ff9b:1::/48", .translated),
    ("2002::/16", .translated), ("2001::/32", .translated), ("2001:2::/48", .benchmarking),
    ("2001:db8::/32", .documentation), ("3fff::/20", .documentation), ("2001::/23", .reserved),
    ("fc00::/7", .uniqueLocal), ("fe80::/10", .linkLocal), ("fec0::/10", .linkLocal), ("ff00::/8", .multicast),
]

extension AddressPolicy {
    /// The blocks of both tables as they are written, for tests.
    static var rows: [(String, Kind)] { rowsV4 + rowsV6 }
    static var parsedRows: Int { tableV4.count + tableV6.count }
}
