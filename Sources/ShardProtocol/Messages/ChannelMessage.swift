// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import NIOCore

/// What both sides say of the bytes that go in one direction. The one that writes says chunk and reset, the one that
/// reads credit, stop and closed.
public enum ChannelMessage: Sendable, Hashable {
    /// Bytes, for which there was credit; perhaps the last.
    case chunk([UInt8], isLast: Bool)
    /// So many bytes more may be written.
    case credit(Int)
    /// Nothing is read any more; for this reason, if there is one. The writer answers with reset, unless it has ended.
    case stop(HostError?)
    /// What was written does not count, and nothing more comes.
    case reset(HostError)
    /// What was written is in place, or could not be put there. Only of sinks, after the last chunk.
    case closed(HostError?)

    func encode(_ id: UInt32, into buffer: inout ByteBuffer) throws(ProtocolError) {
        switch self {
        case .chunk(let bytes, let isLast):
            try buffer.writeFrame(.chunk, flags: isLast ? FrameHeader.last : 0, id: id) { $0.writeBytes(bytes) }
        case .credit(let count): try buffer.writeFrame(.credit, id: id) { $0.write(UInt32(clamping: count)) }
        case .stop(let error): try buffer.writeFrame(.stop, id: id) { $0.write(optional: error) { $0.write($1) } }
        case .reset(let error): try buffer.writeFrame(.reset, id: id) { $0.write(error) }
        case .closed(let error): try buffer.writeFrame(.closed, id: id) { $0.write(optional: error) { $0.write($1) } }
        }
    }

    /// - Returns: `nil` for a frame that is about something else.
    static func decode(
        _ header: FrameHeader, _ reader: inout WireReader
    ) throws(ProtocolError) -> ChannelMessage? {
        switch header.kind {
        case .chunk: .chunk(reader.rest(), isLast: header.flags & FrameHeader.last != 0)
        case .credit: .credit(Int(try reader.integer(UInt32.self)))
        case .stop: .stop(try reader.optional { (reader) throws(ProtocolError) in try reader.hostError() })
        case .reset: .reset(try reader.hostError())
        case .closed: .closed(try reader.optional { (reader) throws(ProtocolError) in try reader.hostError() })
        default: nil
        }
    }
}
