// SPDX-License-Identifier: Apache-2.0

/// Percent-encoding as the WHATWG URL Standard defines it.
enum PercentCoding {
    /// The bytes that are written as `%XX`, besides controls and everything outside ASCII.
    struct EncodeSet: Sendable {
        private let low: UInt64
        private let high: UInt64

        init(_ characters: StaticString, controls: Bool = true) {
            var low: UInt64 = controls ? 0xFFFF_FFFF : 0
            var high: UInt64 = controls ? 1 << 63 : 0
            for byte in "\(characters)".utf8 {
                if byte < 64 { low |= 1 << UInt64(byte) } else if byte < 128 { high |= 1 << UInt64(byte - 64) }
            }
            self.low = low
            self.high = high
        }

        func contains(_ byte: UInt8) -> Bool {
            switch byte {
            case 0..<64: (low >> UInt64(byte)) & 1 == 1
            case 64..<128: (high >> UInt64(byte - 64)) & 1 == 1
            default: true
            }
        }

        static let control = EncodeSet("")
        static let fragment = EncodeSet(" \"<>`")
        static let query = EncodeSet(" \"#<>")
        static let specialQuery = EncodeSet(" \"#<>'")
        static let path = EncodeSet(" \"#<>?`{}")
        /// For text that is a file's path and not yet part of a URL.
        static let filePath = EncodeSet(" \"#<>?`{}%\\")
    }

    static func append(_ bytes: some Sequence<UInt8>, to output: inout [UInt8], encoding set: EncodeSet) {
        for byte in bytes {
            if set.contains(byte) {
                output.append(UInt8(ascii: "%"))
                output.append(hexDigit(byte >> 4))
                output.append(hexDigit(byte & 15))
            } else {
                output.append(byte)
            }
        }
    }

    static func encode(_ bytes: some Sequence<UInt8>, _ set: EncodeSet) -> String {
        var output: [UInt8] = []
        append(bytes, to: &output, encoding: set)
        return String(decoding: output, as: UTF8.self)
    }

    /// A `%` that two hexadecimal digits do not follow stands for itself.
    static func decode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        let input = Array(bytes)
        var output: [UInt8] = []
        output.reserveCapacity(input.count)
        var index = 0
        while index < input.count {
            if input[index] == UInt8(ascii: "%"), index + 2 < input.count,
                let high = value(ofHex: input[index + 1]), let low = value(ofHex: input[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(input[index])
                index += 1
            }
        }
        return output
    }

    /// Nil where decoding would make a slash or a NUL, which no file name holds.
    static func decodeFilePath(_ bytes: some Sequence<UInt8>) -> [UInt8]? {
        let encoded = Array(bytes)
        let decoded = decode(encoded)
        let slash = UInt8(ascii: "/")
        let slashes = encoded.reduce(0) { $0 + ($1 == slash ? 1 : 0) }
        guard !decoded.contains(0), decoded.reduce(0, { $0 + ($1 == slash ? 1 : 0) }) == slashes else { return nil }
        return decoded
    }

    static func value(ofHex byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + (value & 15) - 10
    }
}
