// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import NIOCore

/// The bytes under way between both sides: of each channel who writes, how much may come, and whose it is.
///
/// A channel leaves the table with the writer's last word; until then a reader that has stopped takes and forgets.
public struct ChannelTable: Sendable {
    /// What becomes of a channel.
    public enum Event: Sendable, Hashable {
        /// Bytes came, perhaps the last.
        case data(UInt32, [UInt8], isLast: Bool)
        /// The other side took back what it wrote.
        case reset(UInt32, HostError)
        /// More may be written.
        case credit(UInt32)
        /// The other side reads no more.
        case stopped(UInt32, HostError?)
        /// What was written is in place, or is not.
        case closed(UInt32, HostError?)
    }

    private struct Outgoing {
        var window: SendWindow
        let owner: UInt32
        let opener: Opener?
        /// Whether the other side says when all is in place.
        let isSink: Bool
        var hasEnded = false
    }

    private struct Incoming {
        var window: ReceiveWindow
        let owner: UInt32
        let opener: Opener?
        let isSink: Bool
        var isStopped = false
        var hasEnded = false
    }

    private let limits: SessionLimits
    /// Whether this side ends channels that the other one still writes.
    private let endsEarly: Bool
    private var outgoing: [UInt32: Outgoing] = [:]
    private var incoming: [UInt32: Incoming] = [:]
    /// Of each dispatch that has any.
    private var owned: [UInt32: Owned] = [:]

    private struct Owned {
        var outgoing: Set<UInt32> = []
        var incoming: Set<UInt32> = []
        var count = Count()
    }

    /// Who began a channel.
    enum Opener: CaseIterable { case thisSide, otherSide }

    private struct Count {
        private var own = 0
        private var others = 0
        subscript(_ opener: Opener) -> Int {
            get { opener == .thisSide ? own : others }
            set { if opener == .thisSide { own = newValue } else { others = newValue } }
        }
    }

    private var count = Count()

    init(_ limits: SessionLimits, endsEarly: Bool) {
        self.limits = limits
        self.endsEarly = endsEarly
    }

    /// Channels that this side writes, and that it reads.
    public var counts: (outgoing: Int, incoming: Int) { (outgoing.count, incoming.count) }

    /// Bytes that may still come or have come and are not used, of all.
    public var mostHeldBytes: Int { incoming.count * limits.window }

    // MARK: Beginnings and ends

    /// Whether a side may open so many more for a dispatch. Each side has places of its own, which both count in the
    /// order of the frames: neither can be at fault for what the other one has not heard of yet.
    func hasRoom(_ more: Int, by opener: Opener, of owner: UInt32) -> Bool {
        count[opener] + more <= limits.mostStreams
            && (owned[owner]?.count[opener] ?? 0) + more <= limits.mostStreamsPerDispatch
    }

    /// - Parameter opener: `nil`: it is a socket's, and takes no other stream's place.
    mutating func openOutgoing(_ id: UInt32, by opener: Opener?, of owner: UInt32, isSink: Bool = false) {
        outgoing[id] = Outgoing(
            window: SendWindow(size: limits.window), owner: owner, opener: opener, isSink: isSink)
        owned[owner, default: Owned()].outgoing.insert(id)
        change(opener, owner, 1)
    }

    /// - Parameter opener: `nil`: it is a socket's, and takes no other stream's place.
    mutating func openIncoming(_ id: UInt32, by opener: Opener?, of owner: UInt32, isSink: Bool = false) {
        incoming[id] = Incoming(
            window: ReceiveWindow(size: limits.window), owner: owner, opener: opener, isSink: isSink)
        owned[owner, default: Owned()].incoming.insert(id)
        change(opener, owner, 1)
    }

    private mutating func change(_ opener: Opener?, _ owner: UInt32, _ by: Int) {
        guard let opener else { return }
        count[opener] += by
        owned[owner]?.count[opener] += by
    }

    /// A dispatch is over: its channels are gone.
    mutating func end(_ owner: UInt32) -> (outgoing: [UInt32], incoming: [UInt32]) {
        guard let own = owned.removeValue(forKey: owner) else { return ([], []) }
        for opener in Opener.allCases { count[opener] -= own.count[opener] }
        for id in own.outgoing { outgoing[id] = nil }
        for id in own.incoming { incoming[id] = nil }
        return (own.outgoing.sorted(), own.incoming.sorted())
    }

    /// A socket is over: its channels are gone.
    mutating func endSocket(_ id: UInt32) -> DispatchRemains {
        let remains = DispatchRemains(
            outgoing: outgoing[id] == nil ? [] : [id], incoming: incoming[id] == nil ? [] : [id])
        removeOutgoing(id)
        removeIncoming(id)
        return remains
    }

    private mutating func removeOutgoing(_ id: UInt32) {
        guard let channel = outgoing.removeValue(forKey: id) else { return }
        owned[channel.owner]?.outgoing.remove(id)
        change(channel.opener, channel.owner, -1)
        tidy(channel.owner)
    }

    private mutating func removeIncoming(_ id: UInt32) {
        guard let channel = incoming.removeValue(forKey: id) else { return }
        owned[channel.owner]?.incoming.remove(id)
        change(channel.opener, channel.owner, -1)
        tidy(channel.owner)
    }

    private mutating func tidy(_ owner: UInt32) {
        if let own = owned[owner], own.outgoing.isEmpty, own.incoming.isEmpty { owned[owner] = nil }
    }

    // MARK: What this side does

    /// Whether this side may still write.
    func isWritable(_ id: UInt32) -> Bool { outgoing[id].map { !$0.hasEnded } ?? false }

    /// Whether there is something that this side reads.
    func isReadable(_ id: UInt32) -> Bool { incoming[id] != nil }

    /// Writes as much of the bytes as there is credit for; the last word goes with the last of them.
    /// - Returns: how many were written; `nil` where nothing may be written any more.
    mutating func write(
        _ id: UInt32, _ bytes: ArraySlice<UInt8>, isLast: Bool, into buffer: inout ByteBuffer
    ) -> Int? {
        guard var channel = outgoing[id], !channel.hasEnded else { return nil }
        var rest = bytes
        repeat {
            let count = channel.window.take(atMost: min(rest.count, FrameKind.chunk.mostBytes))
            guard count > 0 || (rest.isEmpty && isLast) else { break }
            let ends = isLast && count == rest.count
            let part = rest.prefix(count)
            // A chunk is never too large.
            try? buffer.writeFrame(.chunk, flags: ends ? FrameHeader.last : 0, id: id) { $0.writeBytes(part) }
            rest = rest.dropFirst(count)
            channel.hasEnded = ends
        } while !rest.isEmpty
        outgoing[id] = channel
        if channel.hasEnded, !channel.isSink { removeOutgoing(id) }
        return bytes.count - rest.count
    }

    /// Takes back what was written.
    mutating func reset(_ id: UInt32, _ error: HostError, into buffer: inout ByteBuffer) {
        guard let channel = outgoing[id] else { return }
        removeOutgoing(id)
        if !channel.hasEnded { try? ChannelMessage.reset(error).encode(id, into: &buffer) }
    }

    /// Bytes that came are used.
    mutating func use(_ id: UInt32, _ count: Int, into buffer: inout ByteBuffer) {
        guard let channel = incoming[id], !channel.isStopped, !channel.hasEnded else { return }
        if let credit = incoming[id]?.window.use(count) {
            try? ChannelMessage.credit(credit).encode(id, into: &buffer)
        }
    }

    /// Reads no more.
    mutating func stop(_ id: UInt32, _ error: HostError?, into buffer: inout ByteBuffer) {
        guard let channel = incoming[id], !channel.isStopped, !channel.hasEnded else { return }
        incoming[id]?.isStopped = true
        try? ChannelMessage.stop(error).encode(id, into: &buffer)
    }

    /// All that came is in place, or is not.
    mutating func close(_ id: UInt32, _ error: HostError?, into buffer: inout ByteBuffer) {
        guard let channel = incoming[id], channel.hasEnded else { return }
        removeIncoming(id)
        try? ChannelMessage.closed(error).encode(id, into: &buffer)
    }

    // MARK: What the other side does

    /// Takes a message.
    /// - Parameter isOver: whether a channel of that id may have been there: the other side may not know of its end yet.
    /// - Returns: `nil` where nothing is to be done.
    mutating func receive(
        _ id: UInt32, _ message: ChannelMessage, isOver: (UInt32) -> Bool, replies: inout ByteBuffer
    ) throws(ProtocolError) -> Event? {
        switch message {
        case .chunk(let bytes, let isLast):
            guard let channel = incoming[id], !channel.hasEnded else {
                if endsEarly, incoming[id] == nil { return try late(id, isOver) }
                throw ProtocolError(.unknownID, "bytes for \(id), which nobody reads")
            }
            guard !bytes.isEmpty || isLast else { throw ProtocolError(.malformed, "an empty chunk of \(id)") }
            try incoming[id]?.window.receive(bytes.count)
            incoming[id]?.hasEnded = isLast
            if isLast, !channel.isSink || channel.isStopped { removeIncoming(id) }
            return channel.isStopped ? nil : .data(id, bytes, isLast: isLast)
        case .reset(let error):
            guard let channel = incoming[id], !channel.hasEnded else {
                if endsEarly, incoming[id] == nil { return try late(id, isOver) }
                throw ProtocolError(.unknownID, "the end of \(id), which nobody reads")
            }
            removeIncoming(id)
            return channel.isStopped ? nil : .reset(id, error)
        case .credit(let count):
            guard let channel = outgoing[id], !channel.hasEnded else { return try late(id, isOver) }
            try outgoing[id]?.window.grant(count)
            return .credit(id)
        case .stop(let error):
            guard let channel = outgoing[id], !channel.hasEnded else {
                if outgoing[id] != nil {
                    // Ended, and nobody will say that it is in place.
                    removeOutgoing(id)
                    return .stopped(id, error)
                }
                return try late(id, isOver)
            }
            removeOutgoing(id)
            let word = HostError(.cancelled, "nobody reads on")
            try ChannelMessage.reset(word).encode(id, into: &replies)
            return .stopped(id, error)
        case .closed(let error):
            guard let channel = outgoing[id], channel.isSink, channel.hasEnded else {
                if endsEarly, outgoing[id] == nil { return try late(id, isOver) }
                throw ProtocolError(.notAsked, "an answer to the end of \(id)")
            }
            removeOutgoing(id)
            return .closed(id, error)
        }
    }

    private func late(_ id: UInt32, _ isOver: (UInt32) -> Bool) throws(ProtocolError) -> Event? {
        guard isOver(id) else { throw ProtocolError(.unknownID, "\(id), which was never given out") }
        return nil
    }
}
