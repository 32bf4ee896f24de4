// SPDX-License-Identifier: Apache-2.0

/// A block of addresses in CIDR notation, such as `10.0.0.0/8`; a single address is one too.
public struct AddressBlock: Sendable, Hashable, Codable, CustomStringConvertible {
    /// The first address.
    public let first: IPAddress
    /// How many leading bits its addresses share.
    public let prefix: Int

    /// The block of one address.
    public init(_ address: IPAddress) { self.init(first: address, prefix: address.family.width) }

    /// `first` has no bits past the prefix.
    init(first: IPAddress, prefix: Int) {
        self.first = first
        self.prefix = prefix
    }

    /// Parses `ADDRESS` or `ADDRESS/BITS`.
    /// - Throws: `GrantError` for anything else, and where bits past the prefix are set.
    public init(_ text: String) throws(GrantError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(String(parts[0])) else {
            throw GrantError(
                "\(HostError.quote(text)) is no address: write four decimal numbers, such as 192.0.2.1, or an IPv6 "
                    + "address, such as 2001:db8::1, perhaps with /BITS")
        }
        guard parts.count == 2 else {
            self.init(address)
            return
        }
        guard let bits = Int(parts[1]), (0...address.family.width).contains(bits), String(bits) == parts[1] else {
            throw GrantError(
                "\(HostError.quote(text)): after the slash stands a number from 0 to \(address.family.width)")
        }
        let first = Self.first(of: address, prefix: bits)
        guard first == address else {
            throw GrantError(
                "\(HostError.quote(text)) has bits set past its first \(bits): write \(first)/\(bits), or the address "
                    + "alone")
        }
        self.init(first: first, prefix: bits)
    }

    /// Whether an address, of the same version, is in the block.
    public func contains(_ address: IPAddress) -> Bool {
        address.family == first.family && Self.first(of: address, prefix: prefix) == first
    }

    /// The addresses in both: the smaller block, if it is in the larger one.
    public func intersection(_ other: AddressBlock) -> AddressBlock? {
        let (large, small) = prefix <= other.prefix ? (self, other) : (other, self)
        return large.contains(small.first) ? small : nil
    }

    private static func first(of address: IPAddress, prefix: Int) -> IPAddress {
        let free = UInt128(address.family.width - prefix)
        // A shift by 128 leaves nothing, as it should.
        let bits = (address.bits >> free) << free
        return address.family == .v4 ? IPAddress(v4: UInt32(truncatingIfNeeded: bits)) : IPAddress(v6: bits)
    }

    /// As it is parsed; a single address without a prefix.
    public var description: String { prefix == first.family.width ? "\(first)" : "\(first)/\(prefix)" }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        self = try decoder.parsedText { text throws(GrantError) in try AddressBlock(text) }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
