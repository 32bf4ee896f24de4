// SPDX-License-Identifier: Apache-2.0
public import NIOCore

/// Makes frames of bytes as they come.
///
/// Holds one frame that is not whole at the most, and only what has come of it: how long it says it is costs nothing,
/// and what is longer than its kind may be is refused as soon as its header is there.
public struct FrameDecoder: Sendable {
    private var buffer = ByteBuffer()
    private let refused: FrameKind.Sender
    private var failure: ProtocolError?

    /// Of what a side hears.
    public enum Side: Sendable { case supervisor, shard }

    /// - Parameter side: who listens.
    public init(for side: Side) { refused = side == .supervisor ? .supervisor : .shard }

    /// Bytes that wait for the rest of their frame.
    public var heldBytes: Int { buffer.readableBytes }

    /// Takes what has come.
    public mutating func append(_ bytes: ByteBuffer) {
        guard failure == nil else { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            var bytes = bytes
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        }
    }

    /// The next frame that is whole; `nil` where more has to come.
    /// - Throws: `ProtocolError`, and from then on.
    public mutating func next() throws(ProtocolError) -> Frame? {
        if let failure { throw failure }
        do throws(ProtocolError) {
            guard let header = try header() else { return nil }
            let whole = FrameHeader.size + header.length
            guard buffer.readableBytes >= whole, var frame = buffer.readSlice(length: whole) else { return nil }
            frame.moveReaderIndex(forwardBy: FrameHeader.size)
            return Frame(header: header, payload: WireReader(frame, header.kind))
        } catch {
            failure = error
            buffer = ByteBuffer()
            throw error
        }
    }

    /// The connection is at its end.
    /// - Throws: `truncated` in the middle of a frame.
    public func finish() throws(ProtocolError) {
        if let failure { throw failure }
        guard buffer.readableBytes == 0 else {
            throw ProtocolError(.truncated, "the connection closed \(buffer.readableBytes) bytes into a frame")
        }
    }

    private func header() throws(ProtocolError) -> FrameHeader? {
        let start = buffer.readerIndex
        typealias Fields = (length: UInt32, number: UInt8, flags: UInt8, id: UInt32)
        let fields: Fields? = buffer.getMultipleIntegers(at: start, endianness: .little)
        guard let fields else {
            // What is wrong shows as early as it can.
            let beginning: (UInt32, UInt8)? = buffer.getMultipleIntegers(at: start, endianness: .little)
            if let (length, number) = beginning { _ = try kind(number, length) }
            return nil
        }
        let kind = try kind(fields.number, fields.length)
        guard fields.flags & ~kind.flags == 0 else {
            throw ProtocolError(.malformed, "flags \(fields.flags) of a frame \(kind)")
        }
        guard (fields.id != 0) == kind.hasID else {
            throw ProtocolError(.unknownID, "id \(fields.id) of a frame \(kind)")
        }
        return FrameHeader(length: Int(fields.length), kind: kind, flags: fields.flags, id: fields.id)
    }

    private func kind(_ number: UInt8, _ length: UInt32) throws(ProtocolError) -> FrameKind {
        guard let kind = FrameKind(rawValue: number), kind.sender != refused else {
            throw ProtocolError(.unknownKind, "a frame of kind \(number)")
        }
        guard Int(length) <= kind.mostBytes else {
            throw ProtocolError(.tooLarge, "a frame \(kind) of \(length) bytes; at most \(kind.mostBytes)")
        }
        return kind
    }
}
