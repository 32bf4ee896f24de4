// SPDX-License-Identifier: Apache-2.0
internal import NIOCore
internal import WorkerTypes

/// What a worker answers that takes up its client's WebSocket.
public struct SocketAnswer: Sendable, Hashable {
    /// Names and values of the handshake's fields, each ended by a line feed. Each byte is a character.
    public var headers: [UInt8]

    /// An answer.
    public init(headers: [UInt8]) { self.headers = headers }

    /// What it says of the subprotocol; more than one is no answer to anything.
    var protocols: [String] {
        let lines = headers.split(separator: 10, omittingEmptySubsequences: false)
        return stride(from: 0, to: lines.count - 1, by: 2).compactMap { place in
            let isProtocol = String(decoding: lines[place], as: UTF8.self).lowercased() == "sec-websocket-protocol"
            return isProtocol ? String(decoding: lines[place + 1], as: UTF8.self) : nil
        }
    }

    func write(into buffer: inout ByteBuffer) { buffer.write(headers) }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        headers = try reader.bytes()
        try HeaderLines.check(headers, reader)
    }
}

/// How a WebSocket ended, or is to end.
public struct SocketEnd: Sendable, Hashable {
    /// RFC 6455's: 1005 where none was given, 1006 where the connection broke.
    public var code: Int
    /// What is said with it, at most 123 bytes of UTF-8.
    public var reason: String

    /// An end. A code that is none becomes 1006; a reason is cut.
    public init(code: Int, reason: String) {
        self.code = Self.codes.contains(code) ? code : 1006
        var reason = reason
        while reason.utf8.count > Self.mostReasonBytes { reason.removeLast() }
        self.reason = reason
    }

    static let codes = 1000...4999
    static let mostReasonBytes = 123

    func write(into buffer: inout ByteBuffer) {
        buffer.write(UInt16(code))
        buffer.write(reason)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        code = Int(try reader.integer(UInt16.self))
        guard Self.codes.contains(code) else { throw reader.malformed("a close code of \(code)") }
        reason = try reader.string(atMost: Self.mostReasonBytes)
    }
}

/// How messages of a WebSocket are bytes of a channel: what they are (1: 0 text, 1 binary) and how many bytes follow (4),
/// the lowest byte first.
enum SocketCoding {
    /// The most that a message may have, in bytes: what may wait for one client.
    static let mostBytes = 4 << 20
    static let headerSize = 5

    static func encode(_ message: SocketMessage) -> [UInt8] {
        let count = message.byteCount
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize + count)
        if case .text = message { bytes.append(0) } else { bytes.append(1) }
        for shift in stride(from: 0, to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: count >> shift)) }
        switch message {
        case .text(let text): bytes += text.utf8
        case .binary(let binary): bytes += binary
        }
        return bytes
    }
}

/// Follows the messages in a channel's bytes, and keeps none.
struct SocketFraming: Sendable {
    private var headerBytes = 0
    private var length = 0
    /// Of the message that has begun.
    private var left = 0

    /// - Throws: `malformed` for what is no message or ends within one, `tooLarge` for what is larger than one may be.
    mutating func take(_ bytes: [UInt8], isLast: Bool) throws(ProtocolError) {
        var place = 0
        while place < bytes.count {
            if left > 0 {
                let taken = min(left, bytes.count - place)
                place += taken
                left -= taken
                continue
            }
            let byte = bytes[place]
            place += 1
            if headerBytes == 0 {
                guard byte <= 1 else { throw ProtocolError(.malformed, "a message of kind \(byte)") }
            } else {
                length |= Int(byte) << (8 * (headerBytes - 1))
            }
            headerBytes += 1
            guard headerBytes == SocketCoding.headerSize else { continue }
            guard length <= SocketCoding.mostBytes else {
                throw ProtocolError(.tooLarge, "a message of \(length) bytes; at most \(SocketCoding.mostBytes)")
            }
            (left, headerBytes, length) = (length, 0, 0)
        }
        if isLast, left > 0 || headerBytes > 0 { throw ProtocolError(.malformed, "half a message") }
    }
}

/// Messages out of a channel's bytes, of which the session has seen that they are some.
struct SocketDecoder: Sendable {
    private var buffer = ByteBuffer()

    mutating func append(_ bytes: [UInt8]) {
        buffer.discardReadBytes()
        buffer.writeBytes(bytes)
    }

    /// Bytes of the message that has begun; `nil`: its beginning is not there.
    var length: Int? {
        buffer.getInteger(at: buffer.readerIndex + 1, endianness: .little, as: UInt32.self).map(Int.init)
    }

    /// The next message that is there whole.
    mutating func next() -> SocketMessage? {
        guard let length, buffer.readableBytes >= SocketCoding.headerSize + length,
            let kind = buffer.readInteger(as: UInt8.self),
            var content = buffer.readSlice(length: SocketCoding.headerSize - 1 + length)
        else { return nil }
        content.moveReaderIndex(forwardBy: SocketCoding.headerSize - 1)
        defer { if buffer.readableBytes == 0 { buffer = ByteBuffer() } }
        // A text of a shard may be none.
        return kind == 0
            ? .text(content.readString(length: length) ?? "") : .binary(content.readBytes(length: length) ?? [])
    }
}
