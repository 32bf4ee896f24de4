// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// What one event loop has for all of its connections: the calls from other threads, the time, and spare buffers.
final class FrontLoop: @unchecked Sendable {
    let eventLoop: any EventLoop
    let index: Int
    private let handler: any RequestHandler
    private let limits: FrontLimits
    private let inbox = Mutex(LoopInbox())

    // The rest belongs to the loop.
    private(set) var clock: LoopClock
    private(set) var isDraining = false
    private(set) var connections = ConnectionTable()
    private var isTicking = false
    private var hasDelivered = false
    private var numbered: UInt64 = 0
    private var spare: [ByteBuffer] = []
    private var touched: [any ExchangeTransport] = []
    /// Set while draining: called once the last connection is gone.
    private var onEmpty: (() -> Void)?
    private let count: ConnectionCount
    var parser: RequestHeadParser
    let preface = HTTP2Preface()

    init(
        _ eventLoop: any EventLoop, index: Int, handler: any RequestHandler, limits: FrontLimits,
        count: ConnectionCount
    ) {
        self.eventLoop = eventLoop
        self.index = index
        self.handler = handler
        self.limits = limits
        self.count = count
        clock = LoopClock()
        parser = RequestHeadParser(limits: limits)
    }

    // MARK: From any thread

    /// Carries calls out on the loop, which wakes once for all that come before it does.
    func post(_ call: ExchangeCall) {
        switch inbox.withLock({ $0.add(call) }) {
        case .wake: eventLoop.execute { self.carryOut() }
        case .wait: break
        case .refused: call.command.refuse()
        }
    }

    func post(_ calls: [ExchangeCall]) {
        switch inbox.withLock({ $0.add(calls) }) {
        case .wake: eventLoop.execute { self.carryOut() }
        case .wait: break
        case .refused: for call in calls { call.command.refuse() }
        }
    }

    /// The loop ends: calls that still come are refused.
    func shut() {
        let left = inbox.withLock { inbox in
            inbox.isShut = true
            return inbox.take()
        }
        for call in left { call.command.refuse() }
    }

    // MARK: On the loop

    private func carryOut() {
        let calls = inbox.withLock { $0.take() }
        for call in calls {
            let transport = call.exchange.transport
            transport.carryOut(call.command, of: call.exchange)
            if !transport.isTouched {
                transport.isTouched = true
                touched.append(transport)
            }
        }
        for transport in touched {
            transport.isTouched = false
            transport.callsEnded()
        }
        touched.removeAll(keepingCapacity: true)
    }

    /// Hands a request over.
    func deliver(_ request: ServerRequest, _ exchange: Exchange) {
        exchange.observer = handler.handle(request, exchange)
        if hasDelivered { return }
        hasDelivered = true
        eventLoop.execute { self.endTurn() }
    }

    private func endTurn() {
        hasDelivered = false
        handler.turnEnded(loop: index)
    }

    func nextID() -> UInt64 {
        numbered += 1
        return UInt64(index) << 48 | numbered
    }

    func takeBuffer() -> ByteBuffer { spare.popLast() ?? ByteBufferAllocator().buffer(capacity: 4096) }

    func giveBack(_ buffer: ByteBuffer) {
        guard spare.count < 64, buffer.capacity <= 64 << 10 else { return }
        var buffer = buffer
        buffer.clear()
        spare.append(buffer)
    }

    // MARK: Connections and their deadlines

    func add(_ connection: any TimedConnection, deadline: Int64) -> Int {
        if !isTicking {
            isTicking = true
            clock.update()
            scheduleTick()
        }
        return connections.add(connection, deadline: deadline)
    }

    func remove(_ slot: Int) {
        connections.remove(slot)
        if connections.count == 0 { emptied() }
    }

    func setDeadline(_ slot: Int, _ deadline: Int64) { connections.deadlines[slot] = deadline }

    private func scheduleTick() {
        eventLoop.scheduleTask(in: TimeAmount(limits.tick)) { self.tick() }
    }

    private func tick() {
        clock.update()
        guard connections.count > 0 else {
            isTicking = false
            return
        }
        let now = clock.now()
        for connection in connections.due(now) { connection.deadlinePassed(now) }
        if count.isCrowded(limits.connections) {
            for connection in connections.all {
                connection.closeIfIdle(since: now - limits.crowdedIdleTime.nanoseconds)
            }
        }
        scheduleTick()
    }

    /// No further requests on any connection; `onEmpty` once there is no connection.
    func drain(_ onEmpty: @escaping () -> Void) {
        isDraining = true
        self.onEmpty = onEmpty
        for connection in connections.all { connection.drain() }
        if connections.count == 0 { emptied() }
    }

    func closeAll() {
        for connection in connections.all { connection.closeNow() }
    }

    private func emptied() {
        guard isDraining, let onEmpty else { return }
        self.onEmpty = nil
        onEmpty()
    }
}

/// Calls that wait for the loop.
private struct LoopInbox {
    enum Addition {
        /// Nobody has woken the loop yet.
        case wake
        case wait
        case refused
    }
    private var calls: [ExchangeCall] = []
    var isShut = false

    mutating func add(_ call: ExchangeCall) -> Addition {
        if isShut { return .refused }
        calls.append(call)
        return calls.count == 1 ? .wake : .wait
    }

    mutating func add(_ more: [ExchangeCall]) -> Addition {
        if isShut { return .refused }
        if more.isEmpty { return .wait }
        calls += more
        return calls.count == more.count ? .wake : .wait
    }

    mutating func take() -> [ExchangeCall] {
        var taken: [ExchangeCall] = []
        swap(&taken, &calls)
        return taken
    }
}

/// A connection that has a deadline.
protocol TimedConnection: AnyObject {
    /// Its deadline, in nanoseconds, has passed.
    func deadlinePassed(_ now: Int64)
    /// Closes if nothing is under way on it.
    func closeIfIdle(since: Int64)
    /// Takes no further request, and closes once nothing is under way.
    func drain()
    func closeNow()
}

/// The connections of a loop, and beside them their deadlines, which are looked through once a tick.
struct ConnectionTable {
    var deadlines: [Int64] = []
    private var entries: [(any TimedConnection)?] = []
    private var free: [Int] = []
    private(set) var count = 0

    mutating func add(_ connection: any TimedConnection, deadline: Int64) -> Int {
        count += 1
        if let slot = free.popLast() {
            entries[slot] = connection
            deadlines[slot] = deadline
            return slot
        }
        entries.append(connection)
        deadlines.append(deadline)
        return entries.count - 1
    }

    mutating func remove(_ slot: Int) {
        count -= 1
        entries[slot] = nil
        deadlines[slot] = .max
        free.append(slot)
    }

    /// Those whose deadlines have passed.
    func due(_ now: Int64) -> [any TimedConnection] {
        var due: [any TimedConnection] = []
        for slot in deadlines.indices where deadlines[slot] <= now {
            if let entry = entries[slot] { due.append(entry) }
        }
        return due
    }

    var all: [any TimedConnection] { entries.compactMap { $0 } }
}
