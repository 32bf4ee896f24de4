// SPDX-License-Identifier: Apache-2.0
public import NIOCore

/// What one side knows of the connection, and what it may say and hear next.
public protocol Session: Sendable {
    /// What the other side says.
    associatedtype Event: Sendable
    /// The bytes under way.
    var channels: ChannelTable { get set }
    /// Takes a frame of the other side's.
    /// - Parameter replies: what is to be answered at once is written there.
    /// - Returns: what it means; `nil`: nothing that anybody has to know.
    /// - Throws: what is wrong with it. From then on nothing more counts.
    mutating func receive(_ frame: Frame, replies: inout ByteBuffer) throws(ProtocolError) -> Event?
}

/// The ids that one side gives out: each once, rising.
struct IDSpace: Sendable {
    private let first: UInt32
    private let end: UInt32
    private(set) var last: UInt32

    /// Dispatches, runs, checks, questions, and streams in answers.
    static let supervisor = IDSpace(first: 1, end: 0x7FFF_FFFF)
    /// Calls, and streams in their arguments.
    static let shard = IDSpace(first: 0x8000_0000, end: 0xFFFF_FFFF)

    private init(first: UInt32, end: UInt32) {
        (self.first, self.end) = (first, end)
        last = first - 1
    }

    /// How many are left.
    var left: Int { Int(end - last) }

    mutating func next() -> UInt32? {
        guard last < end else { return nil }
        last += 1
        return last
    }

    /// The other side has given out this one.
    mutating func take(_ id: UInt32) throws(ProtocolError) {
        guard id > last, (first...end).contains(id) else {
            throw ProtocolError(.unknownID, "a new id \(id), where \(last) was the last")
        }
        last = id
    }

    /// Whether it was given out, be it still in use or not.
    func has(_ id: UInt32) -> Bool { (first...end).contains(id) && id <= last }
}

/// What both sides count alike, in the order of the frames: the shard keeps to it, the supervisor checks it.
struct Allowance: Sendable {
    private let limits: SessionLimits
    /// Bytes of lines that are of no dispatch.
    private var lineBytes: Int
    private var notices: Int

    init(_ limits: SessionLimits) {
        self.limits = limits
        lineBytes = limits.logSlack * 16
        notices = limits.mostNotices
    }

    /// With each ping that is answered.
    mutating func renew() { self = Allowance(limits) }

    mutating func takeNotice() -> Bool {
        guard notices > 0 else { return false }
        notices -= 1
        return true
    }

    mutating func takeLine(_ bytes: Int) -> Bool {
        guard bytes <= lineBytes else { return false }
        lineBytes -= bytes
        return true
    }
}

extension LineDescription {
    /// What it counts for.
    var cost: Int { min(message.utf8.count, Self.mostMessageBytes) + 64 }
}

/// What both sides know alike of a dispatch, a run, or what an isolate does outside of dispatches.
struct DispatchState: Sendable {
    enum Kind: Sendable { case dispatch, run, start }
    enum Answer: Sendable { case none, streaming, given }

    let kind: Kind
    /// The subprotocols that its client offers for a WebSocket; `nil`: none may be opened.
    var webSocketProtocols: [String]?
    var answer = Answer.none
    var calls: Set<UInt32> = []
    private var lineBytes: Int
    private let mostLineBytes: Int
    var approached: UInt8 = 0

    init(_ kind: Kind, logBytes: Int = 0, _ limits: SessionLimits) {
        self.kind = kind
        mostLineBytes = logBytes + limits.logSlack
        lineBytes = mostLineBytes
    }

    /// A socket may write as much with each message.
    mutating func renewLines() { lineBytes = mostLineBytes }

    mutating func takeLine(_ bytes: Int) -> Bool {
        guard bytes <= lineBytes else { return false }
        lineBytes -= bytes
        return true
    }

    mutating func takeApproach(_ limit: ApproachedLimit) -> Bool {
        let bit = UInt8(1) << limit.rawValue
        guard approached & bit == 0 else { return false }
        approached |= bit
        return true
    }
}

/// What ends with a dispatch.
public struct DispatchRemains: Sendable, Hashable {
    /// Calls that have no answer.
    public var calls: [UInt32] = []
    /// Channels that this side wrote.
    public var outgoing: [UInt32] = []
    /// Channels that this side read.
    public var incoming: [UInt32] = []
}
