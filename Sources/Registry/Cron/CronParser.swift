// SPDX-License-Identifier: Apache-2.0

/// Reads the fields of a cron expression from left to right.
struct CronParser {
    private struct Field {
        let name: String
        let range: ClosedRange<Int>
        var names: [String] = []

        /// What a value is.
        var words: String {
            let spelt = names.first.map { ", or a name such as \($0.uppercased())" } ?? ""
            return "a \(name) is a number from \(range.lowerBound) to \(range.upperBound)\(spelt)"
        }
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23),
        Field(name: "day of the month", range: 1...31),
        Field(
            name: "month", range: 1...12,
            names: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        Field(
            name: "day of the week", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]
    private static let shorts = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]
    private static let order = "minute, hour, day of the month, month, day of the week"

    private var text: [UInt8]
    private var position = 0
    private let isTooLong: Bool
    /// Where the field of the day of the month begins.
    private(set) var dayColumn = 1

    init(_ text: String) {
        isTooLong = text.utf8.count > 256
        self.text = Array(text.utf8.prefix(256))
    }

    mutating func parse() throws(CronError) -> CronFields {
        guard !isTooLong else {
            throw CronError(257, "the expression is longer than 256 bytes", hint: "use ranges and steps")
        }
        skipBlanks()
        if peek == UInt8(ascii: "@") { try expandShort() }
        if String(decoding: text[position...].prefix(8), as: UTF8.self).contains("TZ=") {
            throw CronError(position + 1, "there are no time zones here", hint: "write the times in UTC")
        }
        try countFields()
        var masks: [UInt64] = []
        var open: [Bool] = []
        for (index, field) in Self.fields.enumerated() {
            skipBlanks()
            if index == 2 { dayColumn = position + 1 }
            open.append(peek == UInt8(ascii: "*"))
            masks.append(try parse(field))
        }
        return CronFields(
            minutes: masks[0], hours: masks[1], days: masks[2], months: masks[3],
            weekdays: (masks[4] | masks[4] >> 7) & 0x7f, eitherDay: !open[2] && !open[4])
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    private mutating func skipBlanks() { while let byte = peek, Self.isBlank(byte) { position += 1 } }

    private mutating func expandShort() throws(CronError) {
        let column = position + 1
        var word = text[position...]
        while let last = word.last, Self.isBlank(last) { word.removeLast() }
        guard let meaning = Self.shorts[String(decoding: word, as: UTF8.self).lowercased()] else {
            throw CronError(
                column, "there is no \(quote(String(decoding: word, as: UTF8.self)))",
                hint: "use @hourly, @daily, @weekly, @monthly, @yearly, or five fields")
        }
        text = Array(meaning.utf8)
        position = 0
    }

    private func countFields() throws(CronError) {
        let found = text[position...].split(whereSeparator: Self.isBlank)
        guard found.count != Self.fields.count else { return }
        let hint =
            found.count == 6 ? "there is no field for seconds or years: write \(Self.order)" : "write \(Self.order)"
        let column = found.count > 5 ? found[5].startIndex + 1 : text.count + 1
        throw CronError(column, "\(found.count) fields, where there must be five", hint: hint)
    }

    /// A list of items.
    private mutating func parse(_ field: Field) throws(CronError) -> UInt64 {
        var mask: UInt64 = 0
        while true {
            mask |= try parseItem(field)
            guard peek == UInt8(ascii: ",") else { break }
            position += 1
        }
        guard let byte = peek, !Self.isBlank(byte) else { return mask }
        throw unexpected(field)
    }

    private mutating func parseItem(_ field: Field) throws(CronError) -> UInt64 {
        let start = position
        var range = field.range
        var isRange = true
        if peek == UInt8(ascii: "*") {
            position += 1
        } else {
            let first = try parseValue(field)
            range = first...first
            isRange = peek == UInt8(ascii: "-")
            if isRange {
                position += 1
                range = try parseRange(from: first, start, field)
            }
        }
        guard peek == UInt8(ascii: "/") else { return Self.mask(range, step: 1) }
        guard isRange else {
            throw CronError(
                position + 1, "a step needs a range",
                hint: "write \(range.lowerBound)-\(field.range.upperBound)/N, or */N")
        }
        position += 1
        return Self.mask(range, step: try parseStep(field))
    }

    private mutating func parseRange(from first: Int, _ start: Int, _ field: Field) throws(CronError) -> ClosedRange<
        Int
    > {
        var last = try parseValue(field)
        // Sunday ends a week as well as it begins one.
        if field.range == 0...7, last == 0, first > 0 { last = 7 }
        guard first <= last else {
            throw CronError(
                start + 1, "the range ends before it begins",
                hint: "write two: \(first)-\(field.range.upperBound),\(field.range.lowerBound)-\(last)")
        }
        return first...last
    }

    private mutating func parseStep(_ field: Field) throws(CronError) -> Int {
        let column = position + 1
        let most = field.range.count - 1
        guard let step = number(), (1...most).contains(step) else {
            throw CronError(
                column, "no such step of a \(field.name)",
                hint: "a step is a number from 1 to \(most); for one time, write its value")
        }
        return step
    }

    private mutating func parseValue(_ field: Field) throws(CronError) -> Int {
        let start = position
        if let number = number() {
            guard field.range.contains(number) else {
                throw CronError(start + 1, "there is no \(field.name) \(number)", hint: field.words)
            }
            return number
        }
        while let byte = peek, (0x61...0x7a).contains(byte | 0x20) { position += 1 }
        let word = String(decoding: text[start..<position], as: UTF8.self).lowercased()
        if let place = field.names.firstIndex(of: word) { return place + field.range.lowerBound }
        position = start
        throw unexpected(field)
    }

    /// Digits; more than four cannot be any value.
    private mutating func number() -> Int? {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) { position += 1 }
        guard position > start else { return nil }
        return text[start..<position].prefix(5).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    private func unexpected(_ field: Field) -> CronError {
        guard let byte = peek, !Self.isBlank(byte) else {
            return CronError(position + 1, "a value is missing", hint: field.words)
        }
        let word = String(
            decoding: text[position...].prefix { !Self.isBlank($0) && $0 != UInt8(ascii: ",") }, as: UTF8.self)
        let column = position + 1
        if word.hasPrefix("?") { return CronError(column, "there is no \"?\" here", hint: "write *") }
        if word.hasPrefix("#") || ["L", "W", "LW"].contains(word.uppercased()) {
            return CronError(
                column, "\(quote(word)) is not supported", hint: "look at the date in the handler; \(field.words)")
        }
        return CronError(column, "\(quote(word)) is not expected here", hint: field.words)
    }

    private static func mask(_ range: ClosedRange<Int>, step: Int) -> UInt64 {
        stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }
}
