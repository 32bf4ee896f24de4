// SPDX-License-Identifier: Apache-2.0
package import HostAPI
package import ShardProtocol
internal import WorkerTypes

/// Makes up messages of every kind.
package struct MessageMaker<G: RandomNumberGenerator> {
    package var generator: G
    /// Ids that a made up message is about.
    package var ids: [UInt32] = [1, 2, 3, 0x8000_0000, 0x8000_0001]
    /// What a shard gives out next; streams in arguments take the following ones.
    package var nextID: UInt32 = 0x8000_0000

    package init(_ generator: G) { self.generator = generator }

    private mutating func id() -> UInt32 { generator.choose(ids) }
    private mutating func number() -> Int {
        switch generator.pick(3) {
        case 0: generator.pick(4)
        case 1: generator.pick(100_000)
        default: generator.pick(1 << 40)
        }
    }
    private mutating func text(_ most: Int = 12) -> String { generator.text(atMost: most) }

    // MARK: Of both

    package mutating func channel() -> ChannelMessage {
        switch generator.pick(7) {
        case 0, 1: .chunk([1] + generator.bytes(atMost: 900), isLast: generator.pick(4) == 0)
        case 6: .chunk(socketBytes(), isLast: generator.pick(4) == 0)
        case 2: .credit(1 + generator.pick(5000))
        case 3: .stop(generator.flip() ? error() : nil)
        case 4: .reset(error())
        default: .closed(generator.flip() ? error() : nil)
        }
    }

    /// Messages of a WebSocket, the last of which may have no end.
    private mutating func socketBytes() -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0...generator.pick(4) {
            let content = generator.bytes(atMost: 300)
            let missing = generator.pick(8) == 0 ? generator.pick(70_000) : 0
            bytes.append(UInt8(generator.pick(2)))
            for shift in stride(from: 0, to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: (content.count + missing) >> shift))
            }
            bytes += content
            if missing > 0 { break }
        }
        return bytes
    }

    private mutating func end() -> SocketEnd { SocketEnd(code: 1000 + generator.pick(4000), reason: text(10)) }

    package mutating func error() -> HostError { HostError(generator.choose(HostError.Code.allCases), text(40)) }

    package mutating func value(depth: Int = 0, streams: Bool = true) -> WireValue {
        switch generator.pick(streams ? 12 : 9) {
        case 0: return .undefined
        case 1: return .null
        case 2: return .boolean(generator.flip())
        case 3: return .number(Double(number()) / 7)
        case 4, 5: return .string(text())
        case 6: return .bytes(generator.bytes(atMost: 60))
        case 7: return .json(Array("{\"a\":\(number())}".utf8))
        case 9: return .stream(id())
        case 10: return .sink(id())
        default:
            guard depth < 6 else { return .null }
            var list: [WireValue] = []
            for _ in 0..<generator.pick(4) { list.append(value(depth: depth + 1, streams: streams)) }
            return .list(list)
        }
    }

    private mutating func body() -> DispatchDescription.Body {
        switch generator.pick(3) {
        case 0: .none
        case 1: .whole(generator.bytes(atMost: 300))
        default: .follows
        }
    }

    // MARK: Of a supervisor

    package mutating func supervisorMessage() -> SupervisorMessage {
        switch generator.pick(22) {
        case 0: .hello(settings())
        case 1: .install(worker())
        case 2: .library(modules())
        case 3: .remove(text())
        case 4: .check(id(), worker())
        case 5, 6, 7: .dispatch(id(), dispatch())
        case 8: .cancel(id())
        case 9: .answer(id(), .success(value()))
        case 10: .answer(id(), .failure(error()))
        case 11: .drain
        case 12: .ping(UInt64(number()))
        case 13: .askFigures(id(), generator.list(atMost: 4) { $0.text(atMost: 9) })
        case 14: .run(id(), run())
        case 15: .endRun(id())
        case 16, 17: .socketClosed(id(), end())
        default: .channel(id(), channel())
        }
    }

    package mutating func settings() -> ShardSettings {
        var settings = ShardSettings()
        settings.cores = 1 + generator.pick(8)
        settings.mostIsolates = generator.pick(10_000)
        settings.mostHeldBytes = generator.pick(1 << 40)
        settings.session.window = 4096 + generator.pick(100_000)
        return settings
    }

    package mutating func dispatch() -> DispatchDescription {
        var dispatch = DispatchDescription(
            worker: text(), head: Array("GET\nhttps://a.test/\(number())\n".utf8), body: body())
        dispatch.kind = generator.pick(5) == 0 ? .scheduled : .fetch
        dispatch.scheduledTime = Double(number())
        dispatch.age = number()
        dispatch.trace = generator.maybe { _ in "4bf92f3577b34da6a3ce929d0e0e4736" }
        dispatch.client = text()
        dispatch.logBytes = generator.pick(1000)
        if dispatch.kind == .fetch, dispatch.body == .none, generator.flip() {
            dispatch.webSocketProtocols = generator.list(atMost: 3) { $0.text(atMost: 3) }
        }
        return dispatch
    }

    package mutating func modules() -> ModulesDescription {
        ModulesDescription(
            worker: text(), main: text(), isPublic: generator.flip(),
            modules: generator.list(atMost: 3) { generator in
                var module = ModuleDescription(
                    name: generator.text(atMost: 9), source: generator.bytes(atMost: 99),
                    compiled: generator.maybe { $0.bytes(atMost: 9) }, map: generator.maybe { $0.bytes(atMost: 9) })
                module.failure = generator.maybe { generator in
                    var failure = CompileFailure(code: generator.text(atMost: 9), message: generator.text(atMost: 20))
                    (failure.line, failure.column) = (generator.pick(99), generator.pick(99))
                    failure.sourceLine = generator.text(atMost: 20)
                    return failure
                }
                return module
            })
    }

    package mutating func worker() -> WorkerDescription {
        var worker = WorkerDescription(modules())
        worker.version = number()
        worker.serial = generator.pick(4)
        worker.identity = text()
        worker.variables = generator.list(atMost: 3) { generator in
            VariableDescription(name: generator.text(atMost: 5), value: generator.text(atMost: 9))
        }
        worker.bindings = generator.list(atMost: 3) { generator in
            BindingDescription(
                name: generator.text(atMost: 5), capability: generator.text(atMost: 5), first: generator.pick(20),
                operations: generator.list(atMost: 3) { generator in
                    BindingDescription.Operation(
                        name: generator.text(atMost: 5), mostArgumentBytes: generator.pick(1 << 20),
                        answersAtOnce: generator.flip())
                }, place: generator.flip() ? .remote : .local(grant: generator.bytes(atMost: 9)))
        }
        worker.limits = Limits(
            memory: number(), cpu: generator.maybe { .microseconds($0.pick(1 << 30)) },
            wall: generator.maybe { .milliseconds($0.pick(1 << 30)) }, codeGeneration: generator.flip(),
            webAssembly: generator.flip())
        worker.hostLimits = HostLimits([generator.choose(Quantity.allCases): number()])
        worker.startup = .milliseconds(generator.pick(10_000))
        worker.logBytes = generator.pick(1000)
        worker.concurrency = number()
        worker.webSockets = number()
        worker.isFresh = generator.flip()
        return worker
    }

    package mutating func run() -> RunDescription {
        var run = RunDescription(worker())
        run.arguments = generator.list(atMost: 3) { $0.text(atMost: 9) }
        return run
    }

    // MARK: Of a shard

    package mutating func shardMessage() -> ShardMessage {
        switch generator.pick(34) {
        case 0: .hello(ShardGreeting(process: number(), engine: text()))
        case 1: .ready
        case 2: .checked(id(), generator.flip() ? [] : [fault()])
        case 3, 4, 5: .response(id(), answer())
        case 6: .refused(id(), refusal())
        case 7, 8: .ended(id(), report())
        case 9, 10, 11, 12: call()
        case 13: .cancelCall(id())
        case 14: .log(line())
        case 15: .approached(id(), generator.choose(ApproachedLimit.allCases))
        case 16: .heartbeat(figures())
        case 17: .lostThread(LostThreadNotice(worker: text(), parkedThreads: number()))
        case 18: .pong(UInt64(generator.pick(4)))
        case 19: .figures(id(), generator.list(atMost: 4) { _ in WorkerLoad() })
        case 20: .ran(id(), run())
        case 21: start()
        case 22: .endStart(id())
        case 23, 24: .socketOpened(id(), socketAnswer())
        case 25: .messageTaken(id())
        case 26: .closeSocket(id(), end())
        case 27: socketEnded()
        default: .channel(id(), channel())
        }
    }

    private mutating func run() -> RunAnswer {
        guard generator.flip() else { return .refused(generator.choose(RunAnswer.Refusal.allCases), text()) }
        var usage = Usage()
        usage.cpuMicroseconds = number()
        usage.hostCalls = number()
        return .report(text(99), usage)
    }

    private mutating func start() -> ShardMessage {
        let id = nextID
        nextID &+= 1
        ids.append(id)
        return .start(id, generator.pick(4))
    }

    private mutating func socketAnswer() -> SocketAnswer {
        let chosen = generator.pick(8) == 0 ? "sec-websocket-protocol\na\n" : ""
        return SocketAnswer(headers: Array("x-a\n\(number())\n\(chosen)".utf8))
    }

    private mutating func socketEnded() -> ShardMessage {
        var report = report()
        report.status = 1000 + generator.pick(4000)
        return .socketEnded(id(), report)
    }

    private mutating func answer() -> AnswerDescription {
        var answer = AnswerDescription(
            status: 200 + generator.pick(400), headers: Array("x-a\n\(number())\n".utf8), body: body())
        answer.statusText = text()
        return answer
    }

    private mutating func refusal() -> DispatchRefusal {
        switch generator.pick(4) {
        case 0: .unknownWorker
        case 1: .overloaded
        case 2: .shuttingDown
        default: .failed(generator.choose(Outcome.allCases))
        }
    }

    package mutating func report() -> DispatchReport {
        var record = RequestRecord(id: 7, worker: "w", version: number())
        record.outcome = generator.choose(Outcome.allCases)
        record.start = generator.flip() ? .warm : .cold
        record.status = generator.flip() ? 0 : 101 + generator.pick(499)
        record.usage.cpuMicroseconds = number()
        record.usage.hostCalls = number()
        record.requestBytes = number()
        record.responseBytes = number()
        record.waitMicroseconds = number()
        record.error = generator.maybe { $0.text(atMost: 20) }
        record.stack = generator.maybe { $0.text(atMost: 20) }
        return DispatchReport(record)
    }

    private mutating func call() -> ShardMessage {
        let id = nextID
        nextID &+= 1
        var arguments: [WireValue] = []
        for _ in 0..<generator.pick(4) {
            if generator.pick(4) == 0 {
                arguments.append(.stream(nextID))
                ids.append(nextID)
                nextID &+= 1
            } else {
                arguments.append(value(streams: generator.pick(20) == 0))
            }
        }
        ids.append(id)
        return .call(
            id,
            CallDescription(
                dispatch: self.id(), binding: generator.pick(10) == 0 ? generator.pick(1 << 16) : 0,
                operation: generator.pick(9),
                arguments: arguments))
    }

    private mutating func line() -> LineDescription {
        var line = LineDescription(
            dispatch: generator.flip() ? 0 : id(), level: "log", message: text(30), time: Double(number()))
        line.worker = text()
        line.version = number()
        return line
    }

    package mutating func figures() -> ShardFigures {
        var figures = ShardFigures()
        figures.isolates = number()
        figures.inFlight = number()
        figures.cpuMicroseconds = number()
        return figures
    }

    private mutating func fault() -> FaultDescription {
        var fault = FaultDescription(kind: "syntax", message: text(20))
        fault.file = text()
        fault.line = number()
        fault.column = number()
        fault.sourceLine = text()
        fault.stack = text()
        fault.code = generator.maybe { $0.text(atMost: 9) }
        return fault
    }
}
