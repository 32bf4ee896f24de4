// SPDX-License-Identifier: Apache-2.0

/// A JSON value. Objects keep their members in the order and number in which they were written.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: JSONValue
    }

    /// The last member of that name.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
}

/// Where a text stops being JSON. Lines and columns count from 1, columns in UTF-16 units.
package struct JSONError: Error, Hashable, Sendable {
    package let message: String
    package let line: Int
    package let column: Int
}

/// A JSON reader that says where an error is, which Foundation's does not.
struct JSONText {
    /// `relaxed` allows comments and trailing commas, as `tsconfig.json` does.
    static func parse(_ bytes: [UInt8], relaxed: Bool = false) throws(JSONError) -> JSONValue {
        var reader = JSONText(bytes: bytes, relaxed: relaxed)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { reader.index = 3 }
        let value = try reader.value(depth: 0)
        try reader.skipSpace()
        guard reader.index == bytes.count else { throw reader.unexpected("the end of the text") }
        return value
    }

    private static let deepest = 200
    private let bytes: [UInt8]
    private let relaxed: Bool
    private var index = 0

    private init(bytes: [UInt8], relaxed: Bool) {
        self.bytes = bytes
        self.relaxed = relaxed
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func error(_ message: String) -> JSONError {
        let before = bytes[..<min(index, bytes.count)]
        let line = before.reduce(1) { $0 + ($1 == 10 ? 1 : 0) }
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return JSONError(
            message: message, line: line, column: String(decoding: before[start...], as: UTF8.self).utf16.count + 1)
    }

    private func unexpected(_ wanted: String) -> JSONError {
        guard index < bytes.count else { return error("expected \(wanted) but the text ends") }
        let character = String(decoding: bytes[index...].prefix(4), as: UTF8.self).unicodeScalars.prefix(1)
        return error("expected \(wanted) but found \"\(String(character))\"")
    }

    private mutating func skipSpace() throws(JSONError) {
        while let byte = next {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            case UInt8(ascii: "/") where relaxed: try skipComment()
            default: return
            }
        }
    }

    private mutating func skipComment() throws(JSONError) {
        switch index + 1 < bytes.count ? bytes[index + 1] : 0 {
        case UInt8(ascii: "/"):
            index = bytes[index...].firstIndex(of: 10) ?? bytes.count
        case UInt8(ascii: "*"):
            var end = index + 2
            while end + 1 < bytes.count, !(bytes[end] == UInt8(ascii: "*") && bytes[end + 1] == UInt8(ascii: "/")) {
                end += 1
            }
            guard end + 1 < bytes.count else { throw error("the comment that starts here does not end") }
            index = end + 2
        default:
            throw unexpected("a value")
        }
    }

    private mutating func take(_ byte: Character) throws(JSONError) -> Bool {
        try skipSpace()
        guard next == byte.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth < Self.deepest else { throw error("nested more than \(Self.deepest) deep") }
        try skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return try number()
        default: throw unexpected("a value")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw unexpected("a value") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var members: [JSONValue.Member] = []
        if try take("}") { return .object(members) }
        while true {
            try skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key in double quotes") }
            let key = try string()
            guard try take(":") else { throw unexpected("\":\"") }
            members.append(.init(key: key, value: try value(depth: depth + 1)))
            if try take(",") {
                if relaxed, try take("}") { return .object(members) }
            } else if try take("}") {
                return .object(members)
            } else {
                throw unexpected("\",\" or \"}\"")
            }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var items: [JSONValue] = []
        if try take("]") { return .array(items) }
        while true {
            items.append(try value(depth: depth + 1))
            if try take(",") {
                if relaxed, try take("]") { return .array(items) }
            } else if try take("]") {
                return .array(items)
            } else {
                throw unexpected("\",\" or \"]\"")
            }
        }
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = index
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") { index += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if let byte = next, byte | 0x20 == UInt8(ascii: "e") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        return .number(Double(String(decoding: bytes[start..<index], as: UTF8.self)) ?? .nan)
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
        if index == start { throw unexpected("a digit") }
    }

    private mutating func string() throws(JSONError) -> String {
        index += 1
        var start = index
        var text: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                text += bytes[start..<index]
                index += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                text += bytes[start..<index]
                try escape(into: &text)
                start = index
            case 0..<0x20:
                throw error("a control character in a string must be escaped")
            default:
                index += 1
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
        index += 1
        guard let byte = next else { throw error("a string does not end") }
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "u"):
            index += 1
            var units = [try codeUnit()]
            if UTF16.isLeadSurrogate(units[0]), bytes[index...].starts(with: "\\u".utf8) {
                let before = index
                index += 2
                let second = try codeUnit()
                if UTF16.isTrailSurrogate(second) { units.append(second) } else { index = before }
            }
            text += String(decoding: units, as: UTF16.self).utf8
            return
        default: throw unexpected("an escape sequence")
        }
        index += 1
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = PercentCoding.value(ofHex: byte) else {
                throw unexpected("four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            index += 1
        }
        return unit
    }

    /// The text as a JSON string, quotes included.
    static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": output += "\\\(scalar)"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
