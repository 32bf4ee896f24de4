// SPDX-License-Identifier: Apache-2.0

/// Reads heads of HTTP/1 as RFC 9112 has them, and nothing that two readers could take for two things.
///
/// It is a function of the bytes and keeps nothing between calls but the storage for places. Every line ends with CR
/// LF; there is no folding, no space before a colon, no control in a value.
struct RequestHeadParser {
    let limits: FrontLimits
    private(set) var fields: [FieldPlace] = []

    init(limits: FrontLimits) {
        self.limits = limits
        fields.reserveCapacity(32)
    }

    /// `nil`: the head goes on past the bytes there are.
    mutating func parse(_ bytes: Span<UInt8>) throws(Refusal) -> RequestShape? {
        fields.removeAll(keepingCapacity: true)
        var reader = LineReader()
        // One empty line before the first is a fault of old clients, and harmless (RFC 9112, 2.2).
        do throws(Stop) {
            _ = bytes.isEmpty ? false : try reader.takeLineEnd(bytes)
            return try parse(bytes, &reader)
        } catch {
            switch error {
            case .refused(let refusal): throw refusal
            case .incomplete:
                guard bytes.count < limits.headBytes else { throw tooLong(bytes) }
                return nil
            }
        }
    }

    private mutating func parse(_ bytes: Span<UInt8>, _ reader: inout LineReader) throws(Stop) -> RequestShape {
        var line = RequestLine()
        try line.read(bytes, &reader, limits)
        var summary = FieldSummary()
        while try !reader.takeLineEnd(bytes) {
            guard fields.count < limits.headerFields else {
                throw .refused(Refusal(431, "more than \(limits.headerFields) header fields"))
            }
            var field = try reader.takeField(bytes)
            try summary.take(&field, bytes)
            fields.append(field)
        }
        guard reader.position <= limits.headBytes else {
            throw .refused(Refusal(431, "a head of more than \(limits.headBytes) bytes"))
        }
        return try summary.shape(line, length: reader.position, bytes)
    }

    private func tooLong(_ bytes: Span<UInt8>) -> Refusal {
        bytes.firstLineEnd(from: 0) == nil
            ? Refusal(414, "a target of more than \(limits.targetBytes) bytes")
            : Refusal(431, "a head of more than \(limits.headBytes) bytes")
    }
}

/// Why reading stops.
enum Stop: Error {
    case incomplete
    case refused(Refusal)

    static func bad(_ reason: String) -> Stop { .refused(Refusal(400, reason)) }
}

/// Walks along lines.
struct LineReader {
    var position = 0

    /// Whether the line ends here; it does, and is passed, if it begins with CR LF.
    mutating func takeLineEnd(_ bytes: Span<UInt8>) throws(Stop) -> Bool {
        guard position < bytes.count else { throw .incomplete }
        if bytes[position] == Octet.lf { throw .bad("a line ends with LF alone") }
        guard bytes[position] == Octet.cr else { return false }
        guard position + 1 < bytes.count else { throw .incomplete }
        guard bytes[position + 1] == Octet.lf else { throw .bad("CR without LF") }
        position += 2
        return true
    }

    /// A field and its line end.
    mutating func takeField(_ bytes: Span<UInt8>) throws(Stop) -> FieldPlace {
        let start = position
        var index = start
        let count = bytes.count
        while index < count, Octet.isToken(bytes[index]) { index += 1 }
        guard index < count else { throw .incomplete }
        guard bytes[index] == Octet.colon, index > start else { throw Self.badName(bytes, at: index, start: start) }
        let name = start..<index
        index += 1
        while index < count, bytes[index] == Octet.space || bytes[index] == Octet.tab { index += 1 }
        let valueStart = index
        while index < count, Octet.isFieldContent(bytes[index]) { index += 1 }
        guard index < count else { throw .incomplete }
        var valueEnd = index
        position = index
        guard try takeLineEnd(bytes) else { throw .bad("a control character in a header field") }
        while valueEnd > valueStart, bytes[valueEnd - 1] == Octet.space || bytes[valueEnd - 1] == Octet.tab {
            valueEnd -= 1
        }
        return FieldPlace(name: name, value: valueStart..<valueEnd)
    }

    private static func badName(_ bytes: Span<UInt8>, at index: Int, start: Int) -> Stop {
        switch bytes[index] {
        case Octet.space, Octet.tab:
            .bad(index == start ? "a folded header field" : "a space before the colon of a header field")
        case Octet.colon: .bad("a header field without a name")
        case Octet.cr, Octet.lf: .bad("a header line without a colon")
        default: .bad("a character in the name of a header field")
        }
    }
}
