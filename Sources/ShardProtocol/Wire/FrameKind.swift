// SPDX-License-Identifier: Apache-2.0

/// What a frame is.
public enum FrameKind: UInt8, Sendable, CaseIterable {
    // Of both sides.
    case hello = 1
    case chunk
    case credit
    case stop
    case reset
    case closed

    // Of the supervisor.
    case install = 32
    case library
    case remove
    case check
    case dispatch
    case cancel
    case answer
    case drain
    case ping
    case askFigures
    case run
    case endRun
    case socketClosed

    // Of a shard.
    case ready = 64
    case checked
    case response
    case refused
    case ended
    case call
    case cancelCall
    case log
    case approached
    case heartbeat
    case lostThread
    case pong
    case figures
    case ran
    case start
    case endStart
    case socketOpened
    case messageTaken
    case closeSocket
    case socketEnded

    /// Who may send it.
    enum Sender { case supervisor, shard, both }

    var sender: Sender {
        switch rawValue {
        case ..<32: .both
        case ..<64: .supervisor
        default: .shard
        }
    }

    /// The most bytes behind its header.
    public var mostBytes: Int {
        switch self {
        case .hello, .heartbeat, .approached, .lostThread: 4 << 10
        case .chunk, .figures: 64 << 10
        case .credit: 4
        case .closeSocket, .socketClosed: 512
        case .ping, .pong, .start: 8
        case .stop, .reset, .closed, .refused, .remove: 8 << 10
        case .ready, .drain, .cancel, .cancelCall, .endRun, .endStart, .messageTaken: 0
        case .askFigures: 512 << 10
        case .install, .library, .check: 64 << 20
        case .dispatch, .response, .socketOpened: 1 << 20
        case .call, .answer: 40 << 20
        case .run: 8 << 20
        case .ran: 32 << 20
        case .checked: 1 << 20
        case .log: 256 << 10
        case .ended, .socketEnded: 64 << 10
        }
    }

    /// The flags that it may have.
    var flags: UInt8 { self == .chunk ? FrameHeader.last : 0 }

    /// Whether it is about something that has an id; otherwise its id is 0.
    var hasID: Bool {
        switch self {
        case .hello, .install, .library, .remove, .drain, .ping, .ready, .log, .heartbeat, .lostThread, .pong: false
        default: true
        }
    }
}

/// What a frame begins with: how many bytes follow, what they are, and whose. On the wire: length (4), kind (1),
/// flags (1), id (4), the lowest byte first.
public struct FrameHeader: Sendable, Hashable {
    /// Bytes behind it.
    public var length: Int
    /// What they are.
    public var kind: FrameKind
    /// `last`, or none.
    public var flags: UInt8
    /// What they are about; 0: nothing that has an id.
    public var id: UInt32

    /// Of a chunk: none follows.
    public static let last: UInt8 = 1
    /// The size on the wire, in bytes.
    public static let size = 10
}

/// A frame that came whole.
public struct Frame: Sendable {
    /// What it is.
    public let header: FrameHeader
    /// What it holds.
    public var payload: WireReader
}
