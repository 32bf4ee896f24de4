// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

/// Functions of the prelude that isolates with WebSockets call.
struct SocketFunctions {
    let receiveMessage: Function
    let endSocket: Function

    init(_ context: Context) throws(ScriptError) {
        receiveMessage = try context.preludeFunction(Prelude.Export.receiveMessage.rawValue)
        endSocket = try context.preludeFunction(Prelude.Export.endSocket.rawValue)
    }
}

/// The WebSockets of clients that dispatches have taken up.
///
/// A socket has the number of the dispatch that opened it, and takes over what that has of the host. Each message is a
/// turn of its own with a dispatch's CPU time, and lets as much of the host be used as by a dispatch. The dispatch's
/// record is written at its end as any other's; the socket has a record of its own, when it is closed.
extension Resident {
    /// Of an isolate that takes no further requests, where dispatches have no limit: sockets have this time to close.
    private static let leaveTime: UInt64 = 30_000_000_000
    /// Messages are put off after this time in one go: others wait. In nanoseconds.
    private static let slice: UInt64 = 1_000_000

    var openSockets: Int { sockets.withLock { $0.count } }

    private func socket(_ number: UInt32) -> ActiveDispatch? { sockets.withLock { $0[number] } }

    // MARK: What scripts ask of the host

    /// `openSocket(dispatch, headers)`
    func openSocket(_ call: borrowing Isolates.HostCall) {
        guard let dispatch = dispatch(call), !dispatch.hasAnswered, let headers = call.latin1Bytes(1) else { return }
        guard let offered = dispatch.request.webSocketProtocols else { return call.throwing(.noUpgrade) }
        let answer = DispatchAnswer(
            responder: dispatch.request.responder, status: 101, headers: headers,
            front: dispatch.request.front)
        let chosen = ResponseHead(answer).headers.first { $0.name == "sec-websocket-protocol" }?.value
        guard chosen.map(offered.contains) ?? true else {
            return call.throwing(
                .init(.typeError, "Sec-WebSocket-Protocol of the response is none of those that the client offers"))
        }
        guard case .service(let service) = purpose, service.addSocket() else {
            return call.throwing(
                .init(
                    .rangeError,
                    "the worker has \(deployment.webSockets) WebSockets open; a larger limit \"webSockets\" would allow "
                        + "more"))
        }
        dispatch.hasAnswered = true
        dispatch.record.status = 101
        let number = dispatch.number
        let socket = WorkerSocket(backlog) { [weak self] in self?.socketHasNews(number) }
        let opened = ActiveDispatch(number, of: dispatch, socket, deployment)
        sockets.withLock { $0[number] = opened }
        hasOpenedSockets = true
        if isRetiring { setSocketDeadline() }
        dispatch.request.responder.open(answer, socket)
        call.returning(.string(chosen ?? ""))
    }

    /// `receiveSocket(socket)`
    func receiveSocket(_ call: borrowing Isolates.HostCall) { socket(call)?.socket?.begin() }

    /// `sendSocket(socket, message)`
    func sendSocket(_ call: borrowing Isolates.HostCall) {
        guard let socket = socket(call)?.socket else { return }
        let message: SocketMessage
        if let text = call.utf8Bytes(1) {
            message = .text(String(decoding: text, as: UTF8.self))
        } else if let bytes = call.bytes(1) {
            message = .binary(bytes)
        } else {
            return
        }
        socket.send(message)
    }

    /// `closeSocket(socket, code, reason)`
    func closeSocket(_ call: borrowing Isolates.HostCall) {
        guard let socket = socket(call)?.socket, case .number(let code)? = try? call.argument(1),
            case .string(let reason)? = try? call.argument(2)
        else { return }
        socket.close(code: Int(code), reason: reason)
    }

    private func socket(_ call: borrowing Isolates.HostCall) -> ActiveDispatch? {
        guard case .number(let value)? = try? call.argument(0), let number = UInt32(exactly: value) else { return nil }
        return socket(number)
    }

    private func socketHasNews(_ number: UInt32) {
        parcels.withLock { $0.sockets.append(number) }
        signal(.socket)
    }

    // MARK: What comes

    /// Hands over messages that have come, and ends.
    func serveSockets() {
        var numbers = parcels.withLock { parcels in
            defer { parcels.sockets = [] }
            return parcels.sockets[...]
        }
        let start = MonotonicClock.now
        while phase == .ready, MonotonicClock.now - start < Self.slice, let number = numbers.popFirst() {
            guard let opened = socket(number), let socket = opened.socket else { continue }
            switch socket.take() {
            case .message(let message): hand(message, to: opened)
            case .end(let end): self.end(opened, end)
            case nil: break
            }
            settleFinished()
            deliverAnswers()
        }
        guard !numbers.isEmpty else { return }
        parcels.withLock { $0.sockets.insert(contentsOf: numbers, at: 0) }
        signal(.socket)
    }

    private func hand(_ message: SocketMessage, to opened: ActiveDispatch) {
        renew(opened)
        let value: ScriptValue =
            switch message {
            case .text(let text): .string(text)
            case .binary(let bytes): .bytes(bytes)
            }
        turn(of: opened) { [number = opened.number] () throws(ScriptError) in
            _ = try findSocketFunctions()?.receiveMessage.call(
                arguments: [.number(Double(number)), value], form: .nothing)
        }
    }

    /// The script hears of the end, and the socket is over.
    private func end(_ opened: ActiveDispatch, _ end: WorkerSocket.End) {
        renew(opened)
        turn(of: opened) { [number = opened.number] () throws(ScriptError) in
            _ = try findSocketFunctions()?.endSocket.call(
                arguments: [
                    .number(Double(number)), .number(Double(end.code)), .string(end.reason), .boolean(end.isClean),
                    .string(end.failure),
                ], form: .nothing)
        }
        // The turn may have been its end.
        guard sockets.withLock({ $0.removeValue(forKey: opened.number) }) != nil else { return }
        settle(opened, .ok, end)
    }

    private func findSocketFunctions() throws(ScriptError) -> SocketFunctions? {
        if socketFunctions == nil, let context { socketFunctions = try SocketFunctions(context) }
        return socketFunctions
    }

    private func turn(of opened: ActiveDispatch, _ body: () throws(ScriptError) -> Void) {
        current = opened
        let spent = turn(Isolate.Budget(cpu: deployment.limits.cpu, wall: deployment.limits.wall), body)
        current = nil
        opened.cpu += (spent?.cpu.wholeNanoseconds ?? 0) + jobBill.take()
    }

    /// What a socket may use is as much again.
    private func renew(_ opened: ActiveDispatch) {
        opened.renewed = MonotonicClock.now
        opened.logBytes = deployment.logBytes
        opened.scope?.renew(addingTo: &opened.record.usage)
    }

    /// One whose timers do what there is to do may use as much in each of the times that a dispatch may take.
    func renewIfDue(_ opened: ActiveDispatch) {
        let time = deployment.limits.wall?.wholeNanoseconds ?? Self.leaveTime
        if MonotonicClock.now &- opened.renewed > time { renew(opened) }
    }

    // MARK: Ends

    /// The dispatch that opened a socket is over and has its record: the socket goes on with what it has of the host.
    func handOver(_ dispatch: ActiveDispatch, to opened: ActiveDispatch) {
        var usage = Usage()
        dispatch.scope?.renew(addingTo: &usage)
        opened.scope = dispatch.scope
    }

    /// Closes all sockets for a reason of the host's: their listeners are told.
    func closeSockets(_ code: Int, _ reason: String) {
        // A turn that is cut short ends the others.
        for opened in sockets.withLock({ Array($0.values) }) where phase == .ready && socket(opened.number) != nil {
            opened.socket?.leave(code: code, reason: reason)
            end(opened, WorkerSocket.End(code: code, reason: reason))
        }
        settleFinished()
        deliverAnswers()
    }

    /// Ends all sockets, where no script may run: `culprit`'s, or all where there is none, for this outcome.
    /// - Parameter isLost: on another thread, while the isolate's never comes back.
    func dropSockets(_ outcome: Outcome, culprit: UInt32?, isLost: Bool = false) {
        let all = sockets.withLock { sockets in
            defer { sockets = [:] }
            return sockets
        }
        for (number, opened) in all {
            let isCause = culprit == nil || culprit == number
            let end =
                isCause
                ? WorkerSocket.End(code: 1011, reason: "the worker was ended: \(outcome.rawValue)")
                : WorkerSocket.End(code: 1012, reason: "service restart")
            opened.socket?.leave(code: end.code, reason: end.reason, drops: isCause)
            settle(opened, isCause ? outcome : .ok, end, isLost: isLost)
        }
    }

    /// The time after which sockets of an isolate that takes no further requests are closed, by `MonotonicClock`.
    func setSocketDeadline() {
        guard openSockets > 0 else { return }
        let time = deployment.limits.wall?.wholeNanoseconds ?? Self.leaveTime
        socketDeadline = min(socketDeadline, MonotonicClock.now &+ time)
        armDeadline()
    }

    func closeOverdueSockets() {
        guard socketDeadline <= MonotonicClock.now else { return }
        socketDeadline = .max
        closeSockets(1012, "service restart")
    }

    private func settle(_ opened: ActiveDispatch, _ outcome: Outcome, _ end: WorkerSocket.End, isLost: Bool = false) {
        // Not while the dispatch that opened it has it.
        if active.withLock({ $0[opened.number] }) == nil {
            opened.scope?.end()
            if !isLost { bridge?.end(opened.number) }
        }
        opened.socket?.leave(code: 1000, reason: "")
        var record = opened.record
        record.outcome = outcome
        record.error = end.failure.isEmpty ? nil : end.failure
        record.status = end.code
        record.time = core.wallClock(opened.started)
        record.usage.cpuMicroseconds = Int(opened.cpu / 1000)
        record.usage.wallMicroseconds = Int((MonotonicClock.now &- opened.started) / 1000)
        opened.scope?.add(to: &record.usage)
        if let bytes = opened.socket?.bytes { (record.requestBytes, record.responseBytes) = bytes }
        (record.method, record.url) = opened.request.methodAndURL
        // Who hears of the end may open the next one.
        if case .service(let service) = purpose { service.removeSocket(opened, outcome) }
        core.observer.observe(record)
    }
}

extension HostException {
    static let noUpgrade = HostException(
        .typeError,
        "The fetch handler answered with a WebSocket to a request that cannot become one: it needs a client's GET of "
            + "HTTP/1.1 with 'Upgrade: websocket', which requests of other workers are not")
}
