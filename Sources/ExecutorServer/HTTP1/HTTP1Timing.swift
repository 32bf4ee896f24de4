// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Since when a connection waits for what. Times are monotonic nanoseconds.
struct HTTP1Timing {
    /// When the head that is not whole was begun, or the connection.
    var headBegan: Int64?
    var idleSince: Int64
    /// When bytes last came while they were waited for, or went.
    var progressAt: Int64
    var lingersUntil: Int64?
    /// Bytes came since `progressAt` was set.
    var hasProgressed = false
    /// Whether the client was what was waited for when the deadline was set.
    var wasWaiting = false
    var needsFlush = false
    /// What was unsent at the last look.
    var unsent = 0

    init(now: Int64) {
        headBegan = now
        idleSince = now
        progressAt = now
    }
}

extension HTTP1Connection: TimedConnection {
    /// What a connection's deadline is about.
    private enum Wait {
        case nothing
        case linger(Int64)
        case head(Int64)
        case idle(Int64)
        case body(Int64)
        case unsent(Int64)
        case total(Int64)
        case socket(Int64)

        var deadline: Int64 {
            switch self {
            case .nothing: .max
            case .linger(let at), .head(let at), .idle(let at), .body(let at), .unsent(let at), .total(let at),
                .socket(let at):
                at
            }
        }
    }

    private var wait: Wait {
        if let until = timing.lingersUntil { return .linger(until) }
        if socket != nil { return .socket(timing.progressAt + site.times.idle) }
        guard let current else {
            if let began = timing.headBegan { return .head(began + site.times.head) }
            if incoming != nil { return .body(timing.progressAt + site.times.progress) }
            return .idle(timing.idleSince + site.times.idle)
        }
        let total = site.times.total.map { Wait.total(current.state.startedAt + $0) } ?? .nothing
        let progress = timing.progressAt + site.times.progress
        if progress < total.deadline {
            if let incoming, incoming.exchange.body.map({ $0.isWaitedFor || $0.isCancelled }) ?? true {
                return .body(progress)
            }
            if context?.channel.isWritable == false { return .unsent(progress) }
        }
        return total
    }

    func setDeadline() {
        guard let slot else { return }
        let isWaiting = isWaiting
        if isWaiting, timing.hasProgressed || !timing.wasWaiting { timing.progressAt = loop.clock.now() }
        timing.wasWaiting = isWaiting
        timing.hasProgressed = false
        loop.setDeadline(slot, wait.deadline)
    }

    /// Whether the client is what is waited for.
    private var isWaiting: Bool {
        if socket != nil { return true }
        if let incoming { return incoming.exchange.body.map { $0.isWaitedFor || $0.isCancelled } ?? true }
        return context?.channel.isWritable == false
    }

    func deadlinePassed(_ now: Int64) {
        let wait = wait
        guard wait.deadline <= now else {
            setDeadline()
            return
        }
        switch wait {
        case .nothing: break
        case .linger: context?.close(promise: nil)
        case .idle: closeNow()
        case .head:
            if input.readableBytes == 0 {
                closeNow()
            } else {
                timeOut("the head took too long")
            }
        case .body: timeOut("the body made no progress")
        case .total: closeNow()
        case .unsent: checkUnsent()
        case .socket:
            // A ping now, and the end at the next deadline if nothing comes until then.
            if socket?.ping() == false { closeNow() }
            timing.hasProgressed = true
            setDeadline()
        }
    }

    private func timeOut(_ reason: String) {
        refuse(Refusal(408, reason))
        settle()
    }

    /// A client that takes some of a response is slow; one that takes nothing is gone.
    private func checkUnsent() {
        let unsent = (try? context?.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        if unsent == timing.unsent {
            closeNow()
            return
        }
        timing.unsent = unsent
        timing.hasProgressed = true
        setDeadline()
    }

    func closeIfIdle(since: Int64) {
        guard current == nil, incoming == nil, input.readableBytes == 0, timing.lingersUntil == nil,
            timing.idleSince <= since
        else { return }
        if case .head = inputState { closeNow() }
    }

    func drain() {
        switch inputState {
        case .lingering: return
        case .handedOn:
            socket?.close(1001, "")
            return
        case .head:
            guard let last = later.last ?? current else {
                if input.readableBytes == 0 { closeNow() }
                return
            }
            last.state.closesAfter = true
            inputState = .ended
        case .fixedBody, .chunkedBody, .ended: (later.last ?? current)?.state.closesAfter = true
        }
    }
}
