// SPDX-License-Identifier: Apache-2.0

/// An address of the Internet Protocol, version 4 or 6.
public struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    /// The version.
    public enum Family: Sendable, Hashable {
        case v4
        case v6

        /// The bits of an address: 32 or 128.
        public var width: Int { self == .v4 ? 32 : 128 }
    }

    /// The version.
    public let family: Family
    /// The address as a number; of version 4 the lower 32 bits.
    public let bits: UInt128

    /// The address of version 4 with this number.
    public init(v4 bits: UInt32) {
        family = .v4
        self.bits = UInt128(bits)
    }

    /// The address of version 6 with this number.
    public init(v6 bits: UInt128) {
        family = .v6
        self.bits = bits
    }

    /// The address in network byte order: 4 bytes or 16; `nil` for another count.
    public init?(bytes: some Collection<UInt8>) {
        let bits = bytes.prefix(17).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        switch bytes.count {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: bits))
        case 16: self.init(v6: bits)
        default: return nil
        }
    }

    /// Parses the usual text form, and no other: four decimal numbers without leading zeros, or RFC 4291's eight
    /// groups of up to four hexadecimal digits with at most one `::`. Neither brackets nor a zone.
    public init?(_ text: String) {
        let text = Array(text.utf8)
        guard text.count <= 45 else { return nil }
        if text.contains(UInt8(ascii: ":")) {
            guard let bits = Self.v6(text[...]) else { return nil }
            self.init(v6: bits)
        } else {
            guard let bits = Self.v4(text[...]) else { return nil }
            self.init(v4: bits)
        }
    }

    /// The address of version 4 that stands in one of version 6: IPv4-mapped, IPv4-compatible, translated (RFC 6052,
    /// RFC 2765), 6to4, and the client of a Teredo address.
    public var embedded: IPAddress? {
        guard family == .v6 else { return nil }
        func low(_ shift: Int) -> IPAddress { IPAddress(v4: UInt32(truncatingIfNeeded: bits >> UInt128(shift))) }
        let high96 = bits >> 32
        switch high96 {
        case 0xffff, 0xffff_0000, 0x0064_ff9b << 64: return low(0)
        case 0 where bits > 1: return low(0)
        default: break
        }
        if bits >> 112 == 0x2002 { return low(80) }
        if bits >> 96 == 0x2001_0000 { return IPAddress(v4: ~UInt32(truncatingIfNeeded: bits)) }
        return nil
    }

    /// The text form: of version 6 as RFC 5952 says, with IPv4-mapped addresses in mixed notation.
    public var description: String {
        if family == .v4 {
            return stride(from: 24, through: 0, by: -8).map { String((bits >> UInt128($0)) & 0xff) }
                .joined(separator: ".")
        }
        if bits >> 32 == 0xffff, let embedded { return "::ffff:\(embedded)" }
        let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> UInt128($0)) }
        let zeros = Self.longestZeros(groups)
        func joined(_ groups: ArraySlice<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeros.count >= 2 else { return joined(groups[...]) }
        return joined(groups[..<zeros.lowerBound]) + "::" + joined(groups[zeros.upperBound...])
    }

    /// The first of the longest runs of zeros.
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count where index == groups.count || groups[index] != 0 {
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }

    private static func v4(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bits: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                let value = number(part, radix: 10), value <= 255
            else { return nil }
            bits = bits << 8 | UInt32(value)
        }
        return bits
    }

    private static func v6(_ text: ArraySlice<UInt8>) -> UInt128? {
        let colon = UInt8(ascii: ":")
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else { return groups(text).flatMap { $0.count == 8 ? value($0) : nil } }
        guard let head = groups(text[..<gap], isWhole: false), let tail = groups(text[(gap + 2)...]),
            head.count + tail.count < 8
        else { return nil }
        return value(head + [UInt16](repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    /// `isWhole`: an address of version 4 may stand at the end.
    private static func groups(_ text: ArraySlice<UInt8>, isWhole: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard parts.count <= 8 else { return nil }
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if isWhole, index == parts.count - 1, part.contains(UInt8(ascii: ".")) {
                guard let bits = v4(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(bits & 0xffff)]
            } else {
                guard (1...4).contains(part.count), let group = number(part, radix: 16) else { return nil }
                groups.append(UInt16(group))
            }
        }
        return groups
    }

    private static func value(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    /// Digits and nothing else; at most four.
    private static func number(_ digits: ArraySlice<UInt8>, radix: Int) -> Int? {
        var value = 0
        for digit in digits {
            let worth: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): worth = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): worth = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): worth = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            guard worth < radix else { return nil }
            value = value * radix + Int(worth)
        }
        return value
    }
}
