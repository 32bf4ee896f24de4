// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

extension Resident {
    /// A batch is cut off after this time in the isolate: others wait. In nanoseconds.
    private static let slice: UInt64 = 1_000_000

    /// Serves what came: first those who wait already, then new requests.
    func serve(_ requests: [DispatchRequest], _ signals: Mailbox<DispatchRequest>.Signals) {
        if signals.contains(.wake) { deliver() }
        if signals.contains(.timer), phase == .ready {
            turnForAll { () throws(ScriptError) in _ = try functions?.runTimers.call(form: .nothing) }
        }
        if signals.contains(.abort), phase == .ready { tellAborts() }
        if signals.contains(.socket), phase == .ready { serveSockets() }
        begin(requests)
        if signals.contains(.deadline), phase == .ready {
            endOverdue()
            closeOverdueSockets()
        }
        endStalled()
        settleFinished()
        armDeadline()
        lastUse.store(MonotonicClock.now, ordering: .relaxed)
    }

    // MARK: Beginnings

    /// Begins requests, many in one turn while they are short.
    private func begin(_ requests: [DispatchRequest]) {
        var rest = requests[...]
        while !rest.isEmpty, phase == .ready, !isRetiring {
            let start = MonotonicClock.now
            var begun: [(dispatch: ActiveDispatch, wall: UInt64)] = []
            var mark = start
            let budget = Isolate.Budget(cpu: deployment.limits.cpu, wall: deployment.limits.wall)
            let spent = turn(budget) { () throws(ScriptError) in
                repeat {
                    guard let request = rest.popFirst() else { break }
                    let dispatch = add(request, now: mark)
                    begun.append((dispatch, 0))
                    current = dispatch
                    try call(dispatch)
                    let now = MonotonicClock.now
                    begun[begun.count - 1].wall = now &- mark
                    mark = now
                } while mark - start < Self.slice
            }
            current = nil
            if let spent { share(spent, among: begun) }
            settleFinished()
            // The next ones may take long.
            deliverAnswers()
        }
        // The isolate came to an end: another one takes these.
        if !rest.isEmpty, case .service(let service) = purpose { for request in rest { service.dispatch(request) } }
    }

    private func add(_ request: DispatchRequest, now: UInt64) -> ActiveDispatch {
        repeat { lastNumber &+= 1 } while lastNumber == 0 || (hasOpenedSockets && underWay(lastNumber) != nil)
        dispatchCount += 1
        let dispatch = ActiveDispatch(lastNumber, request, deployment, isCold: dispatchCount == 1, now: now)
        dispatch.memory = memory.now
        active.withLock { $0[dispatch.number] = dispatch }
        request.cancellation?.begin(self, dispatch.number)
        return dispatch
    }

    private func call(_ dispatch: ActiveDispatch) throws(ScriptError) {
        let number = ScriptValue.number(Double(dispatch.number))
        let request = dispatch.request
        if request.kind == .scheduled {
            _ = try functions?.dispatchScheduled.call(
                arguments: [number, .string(request.head.latin1Text), .number(request.scheduledTime)], form: .nothing)
            return
        }
        let body: ScriptValue
        switch request.body {
        case .none: body = .undefined
        case .bytes(let bytes): body = .bytes(bytes)
        case .stream(let stream):
            let counted = CountedStream(stream)
            dispatch.requestBytes = counted.count
            body = .handle("stream", Double(bridge?.add(counted, of: dispatch.number) ?? 0))
        }
        _ = try functions?.dispatchFetch.call(
            arguments: [number, .latin1(request.head), body], form: .nothing)
    }

    /// Parts the turn's CPU time as its elapsed time was.
    private func share(_ turn: Isolate.Turn, among begun: [(dispatch: ActiveDispatch, wall: UInt64)]) {
        let cpu = turn.cpu.wholeNanoseconds + jobBill.take()
        let wall = max(1, begun.reduce(0) { $0 + $1.wall })
        guard begun.count > 1 else {
            begun.first?.dispatch.cpu += cpu
            return
        }
        for (dispatch, part) in begun { dispatch.cpu += UInt64(Double(cpu) * Double(part) / Double(wall)) }
    }

    // MARK: What goes on

    /// Hands over the host's answers, each dispatch's in a turn of its own and at its own expense.
    private func deliver() {
        for (number, answers) in bridge?.takeAnswers() ?? [] where phase == .ready {
            guard let dispatch = underWay(number) else {
                turnForAll { () throws(ScriptError) in try bridge?.deliver(answers) }
                continue
            }
            current = dispatch
            let spent = turn(budget(left: dispatch)) { () throws(ScriptError) in try bridge?.deliver(answers) }
            current = nil
            dispatch.cpu += spent?.cpu.wholeNanoseconds ?? 0
            settleFinished()
        }
        // V8's own tasks, and jobs that have run.
        guard phase == .ready else { return }
        turnForAll { () throws(ScriptError) in try isolate?.deliver() }
    }

    /// The dispatch, or the socket that it has opened.
    func underWay(_ number: UInt32) -> ActiveDispatch? {
        active.withLock { $0[number] } ?? sockets.withLock { $0[number] }
    }

    private func budget(left dispatch: ActiveDispatch) -> Isolate.Budget {
        if dispatch.socket != nil { return Isolate.Budget(cpu: deployment.limits.cpu, wall: deployment.limits.wall) }
        let now = MonotonicClock.now
        let wall = dispatch.deadline == .max ? nil : Duration.nanoseconds(max(1, Int64(dispatch.deadline) - Int64(now)))
        let most = deployment.limits.cpu?.wholeNanoseconds
        let cpu = most.map { Duration.nanoseconds(max(1_000, Int64($0) - Int64(min($0, dispatch.cpu)))) }
        return Isolate.Budget(cpu: cpu, wall: wall)
    }

    /// A turn that may be of any dispatch: all of them pay for it in equal parts, and all suffer where it does not end.
    private func turnForAll(_ body: () throws(ScriptError) -> Void) {
        guard phase == .ready else { return }
        let budget = Isolate.Budget(cpu: deployment.limits.cpu, wall: deployment.limits.wall)
        guard let spent = turn(budget, body) else { return }
        let cpu = spent.cpu.wholeNanoseconds + jobBill.take()
        let part = cpu / UInt64(max(1, inFlight + openSockets))
        active.withLock { for dispatch in $0.values { dispatch.cpu += part } }
        sockets.withLock { for opened in $0.values { opened.cpu += part } }
        settleFinished()
    }

    private func tellAborts() {
        let numbers = parcels.withLock { parcels in
            defer { parcels.aborts = [] }
            return parcels.aborts
        }
        for number in numbers { abort(number, "The client of the request has left") }
    }

    private func abort(_ number: UInt32, _ message: String) {
        guard phase == .ready, let dispatch = active.withLock({ $0[number] }) else { return }
        dispatch.awaitsClient = false
        current = dispatch
        let spent = turn(budget(left: dispatch)) { () throws(ScriptError) in
            _ = try functions?.abortDispatch.call(
                arguments: [.number(Double(number)), .string(message)], form: .nothing)
        }
        current = nil
        dispatch.cpu += spent?.cpu.wholeNanoseconds ?? 0
    }

    // MARK: Limits

    private func endOverdue() {
        let now = MonotonicClock.now
        let overdue = active.withLock { $0.values.filter { $0.deadline <= now } }
        for dispatch in overdue { close(dispatch, .exceededWallTime) }
        let spent = deployment.limits.cpu.map { $0.wholeNanoseconds } ?? .max
        for dispatch in active.withLock({ $0.values.filter { $0.cpu >= spent } }) { close(dispatch, .exceededCPU) }
    }

    /// Nothing is left that could resolve what they wait for.
    private func endStalled() {
        guard phase == .ready, inFlight > 0, !timers.isArmed, (bridge?.pendingCount ?? 0) == 0,
            (isolate?.pendingHostCalls ?? 0) == 0, modules?.graph.isLoading != true, waiting == 0, openSockets == 0
        else { return }
        // Those that have answered may wait for what another request brings, until their time is over.
        for dispatch in active.withLock({ $0.values.filter { !$0.hasAnswered && !$0.awaitsClient } }) {
            dispatch.awaitsClient = awaitsClient(dispatch)
            if dispatch.awaitsClient { continue }
            dispatch.record.error =
                "Error: The \(dispatch.request.kind.rawValue) handler never settles: it waits for a promise that nothing "
                + "is left to resolve"
            log("error", dispatch.record.error ?? "", of: dispatch.number)
            close(dispatch, .exception)
        }
    }

    /// Whether its client may leave, or has and the script was not told yet, and the script listens for that.
    private func awaitsClient(_ dispatch: ActiveDispatch) -> Bool {
        guard dispatch.request.cancellation != nil else { return false }
        var isAwaited = false
        current = dispatch
        let spent = turn(budget(left: dispatch)) { () throws(ScriptError) in
            let answer = try functions?.awaitsAbort.call(.number(Double(dispatch.number)))
            if case .value(.boolean(true))? = answer { isAwaited = true }
        }
        current = nil
        dispatch.cpu += spent?.cpu.wholeNanoseconds ?? 0
        return isAwaited
    }

    func armDeadline() {
        guard phase == .ready else { return }
        let next = active.withLock { $0.values.reduce(socketDeadline) { min($0, $1.deadline) } }
        timers.setDeadline(next) { [weak self] in self?.signal(.deadline) }
    }
}

extension [UInt8] {
    /// A string of which each character is one of the bytes.
    var latin1Text: String {
        if allSatisfy({ $0 < 0x80 }) { return String(decoding: self, as: UTF8.self) }
        var text = String.UnicodeScalarView()
        for byte in self { text.append(Unicode.Scalar(byte)) }
        return String(text)
    }
}
