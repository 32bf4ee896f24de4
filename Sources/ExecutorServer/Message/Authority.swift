// SPDX-License-Identifier: Apache-2.0

/// Host and port as a Host field or an absolute target names them.
enum Authority {
    /// Checks `HOST` or `HOST:PORT` and answers what is left of it without an empty port.
    ///
    /// A host is letters, digits and `-._~`, or an address of version 6 in brackets. Escapes and letters outside ASCII
    /// have more than one reading, and no client sends them.
    static func check(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Stop) -> Range<Int> {
        guard !range.isEmpty, range.count <= 261 else {
            throw .bad("an empty host, or one of more than 255 characters")
        }
        var index = range.lowerBound
        if bytes[index] == UInt8(ascii: "[") {
            index += 1
            while index < range.upperBound, isAddress(bytes[index]) { index += 1 }
            guard index < range.upperBound, bytes[index] == UInt8(ascii: "]"), index > range.lowerBound + 2 else {
                throw .bad("a host in brackets that is no address")
            }
            index += 1
        } else {
            while index < range.upperBound, Octet.isHostName(bytes[index]) { index += 1 }
            guard index > range.lowerBound else { throw .bad("a character in the host") }
        }
        guard index < range.upperBound else { return range }
        guard bytes[index] == Octet.colon else { throw .bad("a character in the host") }
        return try checkPort(bytes, range.lowerBound..<index, end: range.upperBound)
    }

    private static func checkPort(
        _ bytes: Span<UInt8>, _ host: Range<Int>, end: Int
    ) throws(Stop) -> Range<Int> {
        let start = host.upperBound + 1
        if start == end { return host }
        var port = 0
        for index in start..<end {
            guard Octet.isDigit(bytes[index]), end - start <= 5 else { throw .bad("a port that is no number") }
            port = port * 10 + Int(bytes[index] &- UInt8(ascii: "0"))
        }
        guard (1...65535).contains(port) else { throw .bad("a port that is no number") }
        return host.lowerBound..<end
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        Octet.hexadecimal(byte) != nil || byte == Octet.colon || byte == UInt8(ascii: ".")
    }
}
