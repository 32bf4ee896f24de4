// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
package import ShardProtocol
internal import Synchronization
internal import WorkerTypes

/// What a fuzzer does with made up numbers. A property that does not hold stops the process, as a trap does.
package enum Attack {
    /// The most steps of one input.
    private static let mostSteps = 400

    /// Small limits, so that each is reached.
    package static var limits: SessionLimits {
        var limits = SessionLimits()
        limits.mostDispatches = 12
        limits.mostStarts = 5
        limits.mostCallsPerDispatch = 6
        limits.mostCalls = 20
        limits.mostStreams = 10
        limits.mostStreamsPerDispatch = 5
        limits.mostSockets = 7
        limits.window = 4096
        limits.logSlack = 500
        limits.mostNotices = 5
        return limits
    }

    // MARK: A shard that lies

    /// A supervisor that hears anything stays as it is to be: every dispatch is answered once, and nothing grows.
    package static func onSupervisor(_ generator: some Numbers) {
        var maker = MessageMaker(generator)
        let handler = TestSupervisor()
        let transport = TestTransport()
        var settings = ShardSettings()
        settings.session = limits
        let link = SupervisorLink(transport, settings, handler, mostCallBytes: 1 << 20)
        var observers: [TestObserver] = []
        var asked = 0
        let answered = Counter()
        let probe = Probe()
        if maker.generator.pick(20) != 0 {
            link.receive(encoded(.hello(ShardGreeting(process: 1, engine: "x"))))
            link.receive(encoded(.ready))
        }
        for _ in 0..<mostSteps where !transport.isClosed && !maker.generator.isOver {
            switch maker.generator.pick(32) {
            case 0...4:
                let observer = TestObserver(probe, holdsBody: maker.generator.pick(4) == 0)
                observers.append(observer)
                let body: (any ByteStream)? =
                    switch maker.generator.pick(6) {
                    case 0: PatternStream(maker.generator.pick(20_000))
                    case 1: SilentStream()
                    default: nil
                    }
                var description = maker.dispatch()
                if description.body == .follows { description.body = .none }
                if let id = link.dispatch(description, body: body, observer) { maker.ids.append(id) }
            case 5:
                let scope = CallScope(caller: "run", bindings: (try? [Probe.binding(probe)]) ?? [])
                asked += 1
                if let id = link.run(maker.run(), scope, { _ in answered.add() }) { maker.ids.append(id) }
            case 6:
                asked += 1
                link.check(maker.worker()) { _ in answered.add() }
            case 7:
                asked += 1
                link.askFigures(of: maker.generator.list(atMost: 4) { $0.text(atMost: 9) }) { _ in answered.add() }
            case 8, 9: link.cancel(maker.generator.choose(maker.ids))
            case 12 where !observers.isEmpty: converse(with: maker.generator.choose(observers), &maker.generator)
            case 10:
                var bytes = Array(encoded(maker.shardMessage()).readableBytesView)
                if !bytes.isEmpty {
                    bytes[maker.generator.pick(bytes.count)] ^= UInt8(1 << maker.generator.pick(8))
                }
                link.receive(ByteBuffer(bytes: bytes))
            case 11 where maker.generator.pick(6) == 0:
                link.receive(ByteBuffer(bytes: maker.generator.bytes(atMost: 64)))
            default:
                let whole = encoded(maker.shardMessage())
                // In two pieces.
                let first = maker.generator.pick(whole.readableBytes + 1)
                link.receive(whole.getSlice(at: whole.readerIndex, length: first) ?? whole)
                if first < whole.readableBytes {
                    link.receive(
                        whole.getSlice(at: whole.readerIndex + first, length: whole.readableBytes - first) ?? whole)
                }
            }
            _ = link.takeOutput()
            if maker.ids.count > 24 { maker.ids.removeFirst(8) }
            precondition(
                link.dispatchCount <= limits.mostDispatches + limits.mostSockets, "no more dispatches than may be")
            for observer in observers { precondition(observer.answers <= 1, "nobody is answered twice") }
        }
        link.transportClosed()
        for observer in observers { observer.letGo() }
        precondition(transport.isClosed && handler.ends.count == 1, "the end is said once")
        precondition(answered.value == asked, "each question has an answer")
        for observer in observers {
            precondition(observer.reports.count == 1, "each dispatch ends once")
            precondition(observer.answers <= 1, "nobody is answered twice")
            precondition(observer.socketReports.count == observer.sockets.count, "each socket ends once")
        }
    }

    /// What the client of a WebSocket may do.
    private static func converse(with observer: TestObserver, _ generator: inout some Numbers) {
        switch generator.pick(8) {
        case 0: observer.client.leave()
        case 1: observer.client.leave(4000, "enough")
        case 2: observer.client.release()
        case 3: observer.client.say(.binary([UInt8](repeating: 7, count: generator.pick(20_000))))
        default: observer.client.say(.text(generator.text(atMost: 40)))
        }
    }

    private static func encoded(_ message: ShardMessage) -> ByteBuffer {
        var buffer = ByteBuffer()
        try? message.encode(into: &buffer)
        return buffer
    }

    // MARK: A supervisor that lies

    /// A shard that hears anything goes on, or ends the connection.
    package static func onShard(_ generator: some Numbers) {
        var maker = MessageMaker(generator)
        maker.nextID = 1
        maker.ids = [1, 2, 3]
        let transport = TestTransport()
        let choices = Mutex(SeededGenerator(maker.generator.next()))
        let handler = TestShard { dispatch, shard in
            work(dispatch, shard, choices.withLock { $0.next() })
        }
        let link = ShardLink(transport, ShardGreeting(process: 1, engine: "x"), handler)
        handler.attach(link)
        var settings = ShardSettings()
        settings.session = limits
        if maker.generator.pick(20) != 0 { link.receive(encoded(.hello(settings))) }
        var nextID: UInt32 = 1
        for _ in 0..<mostSteps where !transport.isClosed && !maker.generator.isOver {
            switch maker.generator.pick(16) {
            case 0...5:
                link.receive(encoded(.dispatch(nextID, maker.dispatch())))
                maker.ids.append(nextID)
                nextID += 1
            case 6: link.beat()
            case 7:
                link.log(
                    LineDescription(dispatch: maker.generator.choose(maker.ids), level: "log", message: "x", time: 0))
            case 8:
                var bytes = Array(encoded(maker.supervisorMessage()).readableBytesView)
                if !bytes.isEmpty { bytes[maker.generator.pick(bytes.count)] ^= UInt8(1 << maker.generator.pick(8)) }
                link.receive(ByteBuffer(bytes: bytes))
            case 9:
                // An answer to a call that is likely there.
                let call = 0x8000_0000 + UInt32(maker.generator.pick(20))
                link.receive(encoded(.answer(call, .success(maker.value(streams: false)))))
            default: link.receive(encoded(maker.supervisorMessage()))
            }
            _ = link.takeOutput()
            if maker.ids.count > 24 { maker.ids.removeFirst(8) }
        }
        link.transportClosed()
        precondition(transport.isClosed && handler.ends.count == 1, "the end is said once")
    }

    private static func encoded(_ message: SupervisorMessage) -> ByteBuffer {
        var buffer = ByteBuffer()
        try? message.encode(into: &buffer)
        return buffer
    }

    // MARK: Two that are honest

    /// Whatever is done on both sides, neither finds fault with the other, however the bytes are cut.
    package static func onNobody(_ generator: some Numbers) { converse(generator, lies: false) }

    /// The same, but something false comes between, in one direction or the other: deep in a conversation, where both
    /// have much under way. Nobody is answered twice, and everything has an end.
    package static func onBoth(_ generator: some Numbers) { converse(generator, lies: true) }

    private static func converse(_ generator: some Numbers, lies: Bool) {
        var maker = MessageMaker(generator)
        var generator = generator
        let choices = Mutex(SeededGenerator(generator.next()))
        let open = Mutex<[ShardDispatch]>([])
        let workers = Mutex<[(TestSocketWorker, ShardSocket)]>([])
        let probe = Probe()
        let pair = LinkPair(limits, isLive: false) { dispatch, shard in
            let choice = choices.withLock { $0.next() }
            if dispatch.description.webSocketProtocols != nil, choice % 4 != 0 {
                let worker = TestSocketWorker(accepts: choice % 3 != 0)
                if let socket = dispatch.open(SocketAnswer(headers: []), worker) {
                    worker.opened(socket)
                    workers.withLock { $0.append((worker, socket)) }
                }
                return open.withLock { $0.append(dispatch) }
            }
            work(dispatch, shard, choice, keep: { kept in open.withLock { $0.append(kept) } })
        }
        var observers: [TestObserver] = []
        let starts = Mutex<[CallScope]>([])
        let opened = Counter()
        var ids: [UInt32] = [1]
        for _ in 0..<mostSteps where !generator.isOver {
            if lies, generator.pick(40) == 0 {
                maker.ids = ids + (0..<8).map { 0x8000_0000 + UInt32($0 + generator.pick(60)) }
                maker.nextID = 0x8000_0000 + UInt32(generator.pick(400))
                switch generator.pick(6) {
                case 0: pair.spoil(generator.pick(1 << 20), down: generator.flip())
                case 1, 2: pair.inject(encoded(maker.supervisorMessage()), down: true)
                default: pair.inject(encoded(maker.shardMessage()), down: false)
                }
            }
            switch generator.pick(16) {
            case 0...2:
                let observer = TestObserver(probe, holdsBody: generator.pick(3) == 0)
                observers.append(observer)
                var description = DispatchDescription(worker: "w", head: Array("GET\nhttps://a.test/\n".utf8))
                description.logBytes = 100
                let body: (any ByteStream)? =
                    switch generator.pick(5) {
                    case 0: PatternStream(generator.pick(30_000), most: 1 + generator.pick(3000))
                    case 1: SilentStream()
                    default: nil
                    }
                if body == nil, generator.flip() { description.webSocketProtocols = ["a"] }
                if let id = pair.supervisor.dispatch(description, body: body, observer) { ids.append(id) }
            case 9 where !observers.isEmpty: converse(with: generator.choose(observers), &generator)
            case 10, 11:
                let place = generator.pick(max(1, workers.withLock { $0.count }))
                let chosen = workers.withLock { $0.indices.contains(place) ? $0[place] : nil }
                if let (worker, socket) = chosen { converse(with: worker, socket, &generator) }
            case 3: pair.supervisor.cancel(generator.choose(ids))
            case 4: startOrEnd(pair, generator.next(), starts, opened)
            case 5:
                pair.shard.beat()
                pair.shard.log(LineDescription(dispatch: generator.choose(ids), level: "log", message: "x", time: 0))
                pair.shard.approach(generator.choose(ids), generator.choose(ApproachedLimit.allCases))
            case 6: generator.choose(observers.map(Optional.some) + [nil])?.body.release()
            case 7, 8:
                let place = generator.pick(max(1, open.withLock { $0.count }))
                let dispatch = open.withLock { $0.indices.contains(place) ? $0.remove(at: place) : nil }
                dispatch?.end(DispatchReport())
            default: pair.move(atMost: 1 + generator.pick(3000), down: generator.flip())
            }
        }
        pair.move()
        if lies {
            pair.breakOff()
            starts.withLock { $0 = [] }
            // They hold each other.
            open.withLock { $0 = [] }
            workers.withLock { $0 = [] }
            for observer in observers { observer.letGo() }
            precondition(pair.supervisorHandler.ends.count == 1 && pair.shardHandler.ends.count == 1, "it ends once")
            for observer in observers {
                precondition(
                    observer.reports.count == 1 && observer.answers == 1, "each is answered once, and ends once")
                precondition(observer.socketReports.count == observer.sockets.count, "each socket ends once")
            }
            return
        }
        precondition(pair.supervisorHandler.ends.isEmpty, "a shard that is honest: \(pair.supervisorHandler.ends)")
        precondition(pair.shardHandler.ends.isEmpty, "a supervisor that is honest: \(pair.shardHandler.ends)")
        for dispatch in open.withLock({ $0 }) { dispatch.end(DispatchReport()) }
        open.withLock { $0 = [] }
        for (worker, socket) in workers.withLock({ $0 }) {
            worker.close(1000)
            socket.end(DispatchReport())
        }
        workers.withLock { $0 = [] }
        for observer in observers { observer.body.release() }
        for scope in starts.withLock({ $0 }) { end(scope, pair) }
        pair.move()
        for observer in observers { observer.client.leave() }
        pair.move()
        precondition(pair.supervisorHandler.ends.isEmpty && pair.shardHandler.ends.isEmpty, "honest to the end")
        precondition(pair.supervisor.dispatchCount == 0, "all are over")
        for observer in observers {
            precondition(observer.reports.count == 1 && observer.answers == 1, "each is answered once, and ends once")
            precondition(observer.socketReports.count == observer.sockets.count, "each socket ends once")
        }
        pair.breakOff()
    }

    /// What a worker may do with a WebSocket.
    private static func converse(
        with worker: TestSocketWorker, _ socket: ShardSocket, _ generator: inout some Numbers
    ) {
        switch generator.pick(10) {
        case 0: worker.close(4001, "that is all")
        case 1: socket.end(DispatchReport())
        case 2: worker.accept()
        case 3: worker.send(.binary([UInt8](repeating: 9, count: generator.pick(20_000))))
        default: worker.send(.text(generator.text(atMost: 40)))
        }
    }

    /// An isolate calls the host outside of dispatches, or ends.
    private static func startOrEnd(
        _ pair: LinkPair, _ choice: UInt64, _ starts: borrowing Mutex<[CallScope]>, _ opened: Counter
    ) {
        var generator = SeededGenerator(choice)
        let count = starts.withLock { $0.count }
        if count > 0, generator.pick(3) == 0 {
            end(starts.withLock { $0.remove(at: generator.pick(count)) }, pair)
        } else if opened.value < limits.mostStarts + limits.mostDispatches,
            let scope = try? pair.shardHandler.scope(of: pair.shard.beginStart(of: generator.pick(3)))
        {
            opened.add()
            starts.withLock { $0.append(scope) }
            _ = call(scope, &generator)
        }
    }

    private static func end(_ scope: CallScope, _ pair: LinkPair) {
        scope.end()
        pair.shard.endStart(scope.dispatch)
    }

    /// A few calls.
    private static func call(_ scope: CallScope?, _ generator: inout SeededGenerator) -> [PendingCall] {
        var calls: [PendingCall] = []
        for _ in 0..<generator.pick(8) {
            var arguments: [HostValue] = [.number(Double(generator.pick(10_000)))]
            switch generator.pick(5) {
            case 0: arguments = [.stream(PatternStream(generator.pick(9000)))]
            case 1: arguments.append(.stream(SilentStream()))
            default: break
            }
            // Those that answer at once would wait for bytes that nobody moves.
            let operation = 1 + generator.pick(7)
            let answer: @Sendable (Result<HostValue, HostError>) -> Void = { result in
                guard case .success(.list(let values)) = result, case .stream(let stream)? = values.first else {
                    if case .success(.sink(let sink)) = result { Pump.run(PatternStream(5000), into: sink) }
                    return
                }
                Pump.run(stream, into: CollectingSink())
            }
            let call = scope?.call(
                operation, on: 0, argumentBytes: 8, { () throws(HostError) in arguments }, answer: answer)
            if let call { calls.append(call) }
        }
        return calls
    }

    /// What a worker may do with a dispatch.
    private static func work(
        _ dispatch: ShardDispatch, _ shard: TestShard, _ choice: UInt64,
        keep: (ShardDispatch) -> Void = { _ in }
    ) {
        var generator = SeededGenerator(choice)
        let scope = try? shard.scope(of: UInt64(dispatch.id))
        let calls = call(scope, &generator)
        if generator.flip() { for call in calls { call.cancel() } }
        if let body = dispatch.body, generator.flip() { Pump.run(body, into: CollectingSink()) }
        let answer = AnswerDescription(
            status: 200, headers: [], body: .whole([UInt8](repeating: 1, count: generator.pick(200_000))))
        switch generator.pick(6) {
        case 0: dispatch.refuse(.failed(.exception))
        case 1:
            dispatch.refuse(.overloaded)
            scope?.end()
            return
        case 2: Pump.run(PatternStream(generator.pick(50_000)), into: dispatch.start(answer))
        case 3:
            let sink = dispatch.start(answer)
            sink.write([1, 2, 3]) { _ in }
            if generator.flip() { sink.cancel() }
        default: dispatch.respond(answer)
        }
        if generator.flip() {
            scope?.end()
            dispatch.end(DispatchReport())
        } else {
            keep(dispatch)
        }
    }
}
