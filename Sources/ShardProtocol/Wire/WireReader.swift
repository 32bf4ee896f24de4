// SPDX-License-Identifier: Apache-2.0
internal import NIOCore

/// Reads what a frame holds. Every count is checked against what is there before anything is made for it.
public struct WireReader: Sendable {
    var buffer: ByteBuffer
    private let kind: FrameKind
    /// Values of scripts that may still be read: each takes more room than it has bytes.
    var valuesLeft = HostValueCoding.mostValues

    init(_ buffer: ByteBuffer, _ kind: FrameKind) {
        self.buffer = buffer
        self.kind = kind
    }

    var remaining: Int { buffer.readableBytes }

    func malformed(_ what: String) -> ProtocolError { ProtocolError(.malformed, "a frame \(kind): \(what)") }

    mutating func integer<T: FixedWidthInteger & Sendable>(_ type: T.Type = T.self) throws(ProtocolError) -> T {
        guard let value = buffer.readInteger(endianness: .little, as: type) else { throw malformed("it is too short") }
        return value
    }

    /// A number from 0 on, of 8 bytes.
    mutating func count(atMost most: Int = .max) throws(ProtocolError) -> Int {
        guard let value = Int(exactly: try integer(UInt64.self)), value <= most else {
            throw malformed("a number is too large")
        }
        return value
    }

    mutating func double() throws(ProtocolError) -> Double { Double(bitPattern: try integer(UInt64.self)) }

    mutating func flag() throws(ProtocolError) -> Bool {
        switch try integer(UInt8.self) {
        case 0: false
        case 1: true
        default: throw malformed("neither true nor false")
        }
    }

    /// Bytes behind their number.
    mutating func bytes(atMost most: Int = .max) throws(ProtocolError) -> [UInt8] {
        let length = try length(most)
        return try bytes(length)
    }

    /// UTF-8 behind its length.
    mutating func string(atMost most: Int = .max) throws(ProtocolError) -> String {
        let length = try length(most)
        return try string(length)
    }

    /// So many bytes of UTF-8.
    mutating func string(_ length: Int) throws(ProtocolError) -> String {
        guard length > 0 else { return "" }
        guard let bytes = buffer.readSlice(length: length),
            let text = try? UTF8Span(validating: bytes.readableBytesUInt8Span)
        else { throw malformed("a text is too short, or not UTF-8") }
        return String(copying: text)
    }

    /// So many bytes.
    mutating func bytes(_ length: Int) throws(ProtocolError) -> [UInt8] {
        guard length > 0 else { return [] }
        guard let bytes = buffer.readBytes(length: length) else { throw malformed("it is too short") }
        return bytes
    }

    func tooShort() -> ProtocolError { malformed("it is too short") }

    /// What is left.
    mutating func rest() -> [UInt8] { buffer.readBytes(length: buffer.readableBytes) ?? [] }

    /// How many elements follow, of at least so many bytes each.
    mutating func elements(ofAtLeast least: Int, atMost most: Int) throws(ProtocolError) -> Int {
        let count = Int(try integer(UInt32.self))
        guard count <= most, count <= remaining / max(1, least) else { throw malformed("\(count) elements") }
        return count
    }

    mutating func optional<T>(
        _ read: (inout WireReader) throws(ProtocolError) -> T
    ) throws(ProtocolError) -> T? { try flag() ? try read(&self) : nil }

    mutating func list<T>(
        ofAtLeast least: Int, atMost most: Int, _ read: (inout WireReader) throws(ProtocolError) -> T
    ) throws(ProtocolError) -> [T] {
        let count = try elements(ofAtLeast: least, atMost: most)
        var list: [T] = []
        list.reserveCapacity(count)
        for _ in 0..<count { list.append(try read(&self)) }
        return list
    }

    /// One of a list, by its position.
    mutating func choice<T>(_ list: [T]) throws(ProtocolError) -> T { try choice(Int(try integer(UInt8.self)), list) }

    func choice<T>(_ place: Int, _ list: [T]) throws(ProtocolError) -> T {
        guard list.indices.contains(place) else { throw malformed("no \(T.self) has the number \(place)") }
        return list[place]
    }

    /// Nothing may be left.
    func finish() throws(ProtocolError) {
        guard buffer.readableBytes == 0 else { throw malformed("\(buffer.readableBytes) bytes too many") }
    }

    private mutating func length(_ most: Int) throws(ProtocolError) -> Int {
        let length = Int(try integer(UInt32.self))
        guard length <= remaining, length <= most else { throw malformed("a length of \(length)") }
        return length
    }
}
