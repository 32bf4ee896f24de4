// SPDX-License-Identifier: Apache-2.0

/// What a byte may be in a message (RFC 9110, 5.5 and 5.6.2). Sets of ASCII are two words of bits: no table is read.
enum Octet {
    static let tab = UInt8(ascii: "\t")
    static let lf = UInt8(ascii: "\n")
    static let cr = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let colon = UInt8(ascii: ":")
    static let slash = UInt8(ascii: "/")
    static let comma = UInt8(ascii: ",")

    /// A letter, a digit or one of ``!#$%&'*+-.^_`|~``.
    @inline(__always)
    static func isToken(_ byte: UInt8) -> Bool { isIn(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe, byte) }

    /// What may stand in a value: no control but the tab.
    @inline(__always)
    static func isFieldContent(_ byte: UInt8) -> Bool { (byte >= 0x20 && byte != 0x7f) || byte == tab }

    /// What may stand in a target: no space, no control, nothing above 0x7E, no `#`.
    @inline(__always)
    static func isTarget(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f && byte != UInt8(ascii: "#") }

    /// What may stand in the name of a host: letters, digits, `-._~`.
    @inline(__always)
    static func isHostName(_ byte: UInt8) -> Bool {
        isIn(low: 0x03ff_6000_0000_0000, high: 0x47ff_fffe_87ff_fffe, byte)
    }

    /// An upper-case letter, a digit or `-`.
    @inline(__always)
    static func isMethod(_ byte: UInt8) -> Bool { isIn(low: 0x03ff_2000_0000_0000, high: 0x0000_0000_07ff_fffe, byte) }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    @inline(__always)
    static func lowercase(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }

    /// What a hexadecimal digit is worth.
    @inline(__always)
    static func hexadecimal(_ byte: UInt8) -> Int? {
        if isDigit(byte) { return Int(byte &- UInt8(ascii: "0")) }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? Int(letter) + 10 : nil
    }

    @inline(__always)
    private static func isIn(low: UInt64, high: UInt64, _ byte: UInt8) -> Bool {
        byte < 0x80 && ((byte < 0x40 ? low : high) >> UInt64(byte & 0x3f)) & 1 == 1
    }
}
