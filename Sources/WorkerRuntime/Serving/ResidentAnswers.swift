// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Isolates
internal import Prelude
internal import Synchronization
internal import WorkerTypes

/// How dispatches answer and end.
extension Resident {
    /// A smaller body is copied: it goes out behind its head.
    private static let leastGiven = (16 << 10) + 1

    /// Takes a dispatch for its end; `nil` where somebody has.
    private func take(_ number: UInt32) -> ActiveDispatch? { active.withLock { $0.removeValue(forKey: number) } }

    func takeAll() -> [ActiveDispatch] {
        active.withLock { active in
            defer { active = [:] }
            return Array(active.values)
        }
    }

    /// `respond(dispatch, status, statusText, headers, body)`
    private func respond(_ call: borrowing Isolates.HostCall) {
        guard let dispatch = dispatch(call), !dispatch.hasAnswered,
            case .number(let status)? = try? call.argument(1), let headers = call.latin1Bytes(3)
        else { return }
        dispatch.hasAnswered = true
        dispatch.record.status = Int(status)
        var answer = DispatchAnswer(
            responder: dispatch.request.responder, status: Int(status), headers: headers,
            front: dispatch.request.front)
        if let statusText = call.latin1Bytes(2), !statusText.isEmpty { answer.statusText = statusText.latin1Text }
        if let given = call.givenBytes(4, least: Self.leastGiven) {
            answer.given = given
        } else if let bytes = call.utf8Bytes(4) ?? call.bytes(4) {
            answer.bytes = bytes
        } else if case .boolean? = try? call.argument(4) {
            return stream(dispatch, answer, call)
        }
        dispatch.record.responseBytes = answer.given?.count ?? answer.bytes.count
        answers.append(answer)
    }

    private func stream(_ dispatch: ActiveDispatch, _ answer: DispatchAnswer, _ call: borrowing Isolates.HostCall) {
        dispatch.isStreaming = true
        let sink = CountedSink(dispatch.request.responder.start(answer))
        dispatch.responseBytes = sink.count
        call.returning(.number(Double(bridge?.add(sink, of: dispatch.number) ?? 0)))
    }

    /// `failDispatch(dispatch)`
    private func noteFailure(_ call: borrowing Isolates.HostCall) {
        guard let dispatch = dispatch(call), !dispatch.hasFailed else { return }
        dispatch.hasFailed = true
        failed.append(dispatch)
    }

    /// `finishDispatch(dispatch)`
    private func noteFinish(_ call: borrowing Isolates.HostCall) {
        guard let dispatch = dispatch(call), !dispatch.isFinished else { return }
        dispatch.isFinished = true
        finished.append(dispatch)
    }

    func dispatch(_ call: borrowing Isolates.HostCall) -> ActiveDispatch? {
        guard case .number(let value)? = try? call.argument(0), let number = UInt32(exactly: value) else { return nil }
        if let current, current.number == number, current.socket == nil { return current }
        return active.withLock { $0[number] }
    }

    /// The handler has thrown: its client is told now, and what `waitUntil` was given goes on.
    func fail(_ dispatch: ActiveDispatch, _ outcome: Outcome) {
        dispatch.outcome = outcome
        if let stack = dispatch.record.stack, !stack.isEmpty { log("error", "Uncaught " + stack, of: dispatch.number) }
        // A scheduled run has nobody to answer but at its end.
        if dispatch.request.kind == .fetch { refuse(dispatch, outcome) }
    }

    private func refuse(_ dispatch: ActiveDispatch, _ outcome: Outcome) {
        if dispatch.isStreaming {
            dispatch.isStreaming = false
            dispatch.request.responder.abort()
        } else if !dispatch.hasAnswered {
            dispatch.hasAnswered = true
            dispatch.request.responder.fail(.ended(outcome))
        }
    }

    /// Ends those that are done.
    func settleFinished() {
        guard !finished.isEmpty else { return }
        for dispatch in finished {
            guard take(dispatch.number) != nil else { continue }
            dispatch.isStreaming = false
            close(dispatch, dispatch.outcome)
        }
        finished.removeAll(keepingCapacity: true)
    }

    /// Ends a dispatch, wherever it is.
    func close(_ dispatch: ActiveDispatch, _ outcome: Outcome) {
        _ = take(dispatch.number)
        dispatch.outcome = outcome
        let opened = dispatch.record.status == 101 ? underWay(dispatch.number) : nil
        if opened != nil {
            // What it has of the host is the socket's from now on.
        } else if let scope = dispatch.scope {
            scope.end()
            bridge?.end(dispatch.number)
        } else if dispatch.isStreaming {
            bridge?.end(dispatch.number)
        }
        settle(dispatch, outcome)
        if let opened { handOver(dispatch, to: opened) }
        if case .service(let service) = purpose { service.finished(dispatch, self) }
    }

    /// Tells the client, if it has no answer, and the observer.
    func settle(_ dispatch: ActiveDispatch, _ outcome: Outcome) {
        refuse(dispatch, outcome)
        dispatch.request.cancellation?.end()
        var record = dispatch.record
        record.outcome = outcome
        let wall = MonotonicClock.now &- dispatch.request.received
        record.time = core.wallClock(dispatch.request.received)
        record.usage.cpuMicroseconds = Int(dispatch.cpu / 1000)
        record.usage.wallMicroseconds = Int(wall / 1000)
        record.usage.heapPeakBytes = dispatch.memory.heap
        record.usage.externalPeakBytes = dispatch.memory.external
        if let count = dispatch.requestBytes { record.requestBytes = count.value }
        if let count = dispatch.responseBytes { record.responseBytes = count.value }
        dispatch.scope?.add(to: &record.usage)
        if record.trace == nil { record.trace = dispatch.scope?.trace?.traceText }
        (record.method, record.url) = dispatch.request.methodAndURL
        core.observer.observe(record)
    }

    /// Sends the whole answers of this turn.
    func deliverAnswers() {
        guard !answers.isEmpty else { return }
        core.send(answers)
        answers.removeAll(keepingCapacity: true)
    }

    // MARK: What scripts ask of the host

    /// Who pays for the calls of a dispatch; one that is over pays nothing, and nothing is done for it.
    func scope(of number: UInt32) -> CallScope? {
        guard number != 0 else { return nil }
        let isCurrent = current?.number == number && current?.socket == nil
        guard let dispatch = isCurrent ? current : underWay(number) else { return core.ended(deployment) }
        if dispatch.socket != nil { renewIfDue(dispatch) }
        if let scope = dispatch.scope { return scope }
        let scope = CallScope(
            caller: deployment.name, bindings: deployment.bindings, limits: deployment.hostLimits,
            observer: core.hostObserver, chain: dispatch.request.chain, dispatch: dispatch.request.id,
            trace: dispatch.request.trace, traces: core.traces)
        dispatch.scope = scope
        return scope
    }

    var operations: [OperationHandler] {
        Prelude.Operation.allCases.map { operation in
            switch operation {
            case .log: { [unowned self] (call: borrowing Isolates.HostCall) in log(call) }
            case .armTimer: { [unowned self] (call: borrowing Isolates.HostCall) in armTimer(call) }
            case .runJob: { [unowned self] (call: borrowing Isolates.HostCall) in runJob(call) }
            case .respond: { [unowned self] (call: borrowing Isolates.HostCall) in respond(call) }
            case .finishDispatch: { [unowned self] (call: borrowing Isolates.HostCall) in noteFinish(call) }
            case .failDispatch: { [unowned self] (call: borrowing Isolates.HostCall) in noteFailure(call) }
            case .openSocket: { [unowned self] (call: borrowing Isolates.HostCall) in openSocket(call) }
            case .receiveSocket: { [unowned self] (call: borrowing Isolates.HostCall) in receiveSocket(call) }
            case .sendSocket: { [unowned self] (call: borrowing Isolates.HostCall) in sendSocket(call) }
            case .closeSocket: { [unowned self] (call: borrowing Isolates.HostCall) in closeSocket(call) }
            }
        }
            + Prelude.HostOperation.allCases.map { operation in
                { [unowned self] (call: borrowing Isolates.HostCall) in bridge?.answer(operation, call) }
            }
    }

    private func log(_ call: borrowing Isolates.HostCall) {
        guard case .string(let level)? = try? call.argument(0), case .string(let text)? = try? call.argument(1) else {
            return
        }
        log(level, text, of: call.continuation)
    }

    /// A line for console, as far as the dispatch may write any.
    func log(_ level: String, _ text: String, of number: UInt32) {
        let dispatch = number == 0 ? nil : underWay(number)
        var text = text
        if let dispatch {
            guard dispatch.logBytes > 0 else { return }
            dispatch.logBytes -= text.utf8.count + 1
            if dispatch.logBytes <= 0 {
                text = String(text.prefix(256)) + " … (the rest of this dispatch's lines is dropped: logBytes)"
            }
        } else if text.utf8.count > deployment.logBytes {
            text = String(text.prefix(deployment.logBytes / 4)) + " …"
        }
        core.observer.observe(
            WorkerLogLine(
                id: dispatch?.request.id ?? 0, worker: deployment.name, version: deployment.version, level: level,
                message: text, time: core.wallClock(MonotonicClock.now)))
    }

    private func runJob(_ call: borrowing Isolates.HostCall) {
        guard let jobs, jobs.hasRoom, let job = call.job(0), let answer = call.deferring() else { return }
        jobs.start(job) { answer.settle(.success(.undefined)) }
    }

    private func armTimer(_ call: borrowing Isolates.HostCall) {
        guard case .number(let milliseconds)? = try? call.argument(0),
            case .boolean(let holds)? = try? call.argument(1)
        else { return }
        timers.setScript(milliseconds, holds: holds) { [weak self] in self?.signal(.timer) }
    }
}

extension String {
    /// The characters as bytes; what is none becomes `?`.
    var latin1Bytes: [UInt8] {
        let text = utf8
        if text.allSatisfy({ $0 < 0x80 }) { return Array(text) }
        return unicodeScalars.map { UInt8(exactly: $0.value) ?? UInt8(ascii: "?") }
    }
}

extension DispatchRequest {
    /// The method and the URL without its query.
    var methodAndURL: (String, String) {
        let lineFeed = UInt8(ascii: "\n")
        guard let methodEnd = head.firstIndex(of: lineFeed) else { return (head.latin1Text, "") }
        var end = methodEnd + 1
        while end < head.count, head[end] != lineFeed, head[end] != UInt8(ascii: "?") { end += 1 }
        // Targets are ASCII.
        return (
            String(decoding: head[..<methodEnd], as: UTF8.self),
            String(decoding: head[(methodEnd + 1)..<end], as: UTF8.self)
        )
    }
}
