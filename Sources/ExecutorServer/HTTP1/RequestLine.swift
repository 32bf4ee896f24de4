// SPDX-License-Identifier: Apache-2.0

/// The first line of a request.
struct RequestLine {
    var method = 0..<0
    var target = 0..<0
    /// Host and port of a target in absolute form.
    var authority: Range<Int>?
    var version = HTTPVersion.http11

    mutating func read(_ bytes: Span<UInt8>, _ reader: inout LineReader, _ limits: FrontLimits) throws(Stop) {
        let count = bytes.count
        var index = reader.position
        method = try Self.method(bytes, &index)
        let start = index
        while index < count, Octet.isTarget(bytes[index]) { index += 1 }
        target = start..<index
        guard target.count <= limits.targetBytes else {
            throw .refused(Refusal(414, "a target of more than \(limits.targetBytes) bytes"))
        }
        guard index < count else { throw .incomplete }
        guard bytes[index] == Octet.space, index > start else {
            throw .bad(
                bytes[index] == Octet.cr || bytes[index] == Octet.lf
                    ? "a request line without a version" : "a character in the target")
        }
        reader.position = index + 1
        version = try Self.version(bytes, &reader.position)
        guard try reader.takeLineEnd(bytes) else { throw .bad("more after the version") }
        try checkForm(bytes)
    }

    private static func method(_ bytes: Span<UInt8>, _ index: inout Int) throws(Stop) -> Range<Int> {
        let start = index
        while index < bytes.count, Octet.isMethod(bytes[index]) { index += 1 }
        let method = start..<index
        guard method.count <= 24 else { throw .bad("a method of more than 24 characters") }
        guard index < bytes.count else { throw .incomplete }
        guard bytes[index] == Octet.space, !method.isEmpty else { throw .bad("no method") }
        index += 1
        for refused in ["CONNECT", "TRACE", "TRACK"] where bytes.equals(method, refused) {
            throw .refused(Refusal(501, "the method \(refused)"))
        }
        return method
    }

    private static func version(_ bytes: Span<UInt8>, _ index: inout Int) throws(Stop) -> HTTPVersion {
        let end = index + 8
        for offset in 0..<min(8, bytes.count - index) {
            let byte = bytes[index + offset]
            let isRight =
                switch offset {
                case 0: byte == UInt8(ascii: "H")
                case 1, 2: byte == UInt8(ascii: "T")
                case 3: byte == UInt8(ascii: "P")
                case 4: byte == Octet.slash
                case 6: byte == UInt8(ascii: ".")
                default: Octet.isDigit(byte)
                }
            guard isRight else { throw .bad("no version of HTTP after the target") }
        }
        guard end <= bytes.count else { throw .incomplete }
        defer { index = end }
        guard bytes[index + 5] == UInt8(ascii: "1"), bytes[index + 7] <= UInt8(ascii: "1") else {
            throw .refused(Refusal(505, "a version of HTTP other than 1.0 and 1.1"))
        }
        return bytes[index + 7] == UInt8(ascii: "1") ? .http11 : .http10
    }

    /// Origin form, absolute form, or an asterisk for OPTIONS.
    private mutating func checkForm(_ bytes: Span<UInt8>) throws(Stop) {
        let first = bytes[target.lowerBound]
        if first == Octet.slash { return }
        if target.count == 1, first == UInt8(ascii: "*"), bytes.equals(method, "OPTIONS") { return }
        for scheme in ["http://", "https://"] where bytes.hasPrefix(scheme, in: target) {
            let start = target.lowerBound + scheme.utf8.count
            var end = start
            while end < target.upperBound, bytes[end] != Octet.slash, bytes[end] != UInt8(ascii: "?") { end += 1 }
            guard end > start else { throw .bad("a target without a host") }
            authority = start..<end
            target = end..<target.upperBound
            return
        }
        throw .bad("a target that begins neither with / nor with http://")
    }
}

extension Span<UInt8> {
    /// Whether the bytes at `range` are these.
    func equals(_ range: Range<Int>, _ text: String) -> Bool {
        range.count == text.utf8.count && hasPrefix(text, in: range)
    }

    /// Whether the bytes at `range` begin with these.
    func hasPrefix(_ text: String, in range: Range<Int>) -> Bool {
        guard range.count >= text.utf8.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            if self[index] != byte { return false }
            index += 1
        }
        return true
    }

    /// Whether the bytes at `range` are these, which are in lower case, in any case.
    func equalsAnyCase(_ range: Range<Int>, _ text: String) -> Bool {
        guard range.count == text.utf8.count else { return false }
        var index = range.lowerBound
        for byte in text.utf8 {
            if Octet.lowercase(self[index]) != byte { return false }
            index += 1
        }
        return true
    }
}
