// SPDX-License-Identifier: Apache-2.0
import HostAPI
import NIOCore
import ShardProtocol
import ShardProtocolSupport
import Synchronization
import Testing
import WorkerTypes

/// Notes texts from any thread.
private final class Texts: Sendable {
    private let texts = Mutex<[String]>([])
    var all: [String] { texts.withLock { $0 } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

@Suite("Dispatches and calls over a connection", .timeLimit(.minutes(2)))
struct RemoteTests {
    private let get = DispatchDescription(worker: "w", head: Array("GET\nhttps://a.test/\n".utf8))

    /// Runs a worker, and waits for its end.
    @Test("A shard may say how it is for as long as it lives")
    func manyHeartbeats() async throws {
        let pair = LinkPair { dispatch, _ in }
        let count = 3 * SessionLimits().mostNotices
        for _ in 0..<count {
            pair.shard.beat()
            await pair.settle()
        }
        #expect(pair.supervisorHandler.heartbeats == count)
        #expect(pair.supervisorHandler.ends.isEmpty)
    }

    @Test("An isolate calls the host outside of dispatches as long as it lives, within the limits of its worker")
    func starts() async throws {
        let pair = LinkPair { dispatch, _ in }
        let number = pair.shard.beginStart(of: 1)
        let scope = try pair.shardHandler.scope(of: number)
        #expect(try await scope.ask("echo", .string("up")) == .list([.string("up")]))
        #expect(pair.supervisor.dispatchCount == 0)
        let (ends, end) = AsyncStream.makeStream(of: Result<HostValue, HostError>.self)
        scope.call(
            Probe.index("never"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }, answer: { end.yield($0) })
        _ = try await scope.ask("echo", .string("behind it"))
        pair.shard.endStart(number)
        #expect(await ends.first { _ in true } == .failure(HostError(.cancelled, "the dispatch is over")))
        await pair.settle()
        #expect(pair.supervisorHandler.startProbe.cancelled.value == 1)
        await #expect(throws: HostError(.cancelled, "the host is called after the isolate ended")) {
            try await scope.ask("echo", .string("late"))
        }
        // What the supervisor has not installed, or not any more.
        let unknown = try pair.shardHandler.scope(of: pair.shard.beginStart(of: 2))
        await #expect(throws: HostError(.cancelled, "the host is called for what is not in service any more")) {
            try await unknown.ask("echo", .string("who"))
        }
        #expect(pair.supervisorHandler.ends.isEmpty)
    }

    private func serve(
        _ description: DispatchDescription? = nil, body: (any ByteStream)? = nil, probe: Probe = Probe(),
        _ work: @escaping @Sendable (ShardDispatch, CallScope) async throws -> Void
    ) async throws -> TestObserver {
        let failures = Texts()
        let pair = LinkPair { dispatch, shard in
            Task {
                do {
                    let scope = try shard.scope(of: UInt64(dispatch.id))
                    try await work(dispatch, scope)
                    scope.end()
                } catch {
                    failures.add("\(error)")
                }
                dispatch.answer("ok")
                dispatch.end(DispatchReport())
            }
        }
        let observer = TestObserver(probe)
        pair.supervisor.dispatch(description ?? get, body: body, observer)
        await observer.whenOver()
        #expect(failures.all == [])
        #expect(pair.supervisorHandler.ends.isEmpty && pair.shardHandler.ends.isEmpty)
        #expect(observer.answers == 1 && observer.reports.count == 1)
        return observer
    }

    @Test("A request is answered, and ends, with a report that the supervisor completes")
    func request() async throws {
        let observer = try await serve { dispatch, _ in
            #expect(String(decoding: dispatch.description.head, as: UTF8.self).hasPrefix("GET\n"))
            dispatch.respond(AnswerDescription(status: 418, headers: Array("a\nb\n".utf8), body: .whole([1, 2])))
            var record = RequestRecord(id: 99, worker: "somebody else's", version: 3)
            record.status = 418
            record.usage.cpuMicroseconds = 12
            dispatch.end(DispatchReport(record))
        }
        #expect(
            observer.heads == [AnswerDescription(status: 418, headers: Array("a\nb\n".utf8), body: .whole([1, 2]))])
        var record = RequestRecord(id: 1, worker: "w", version: 0)
        observer.reports[0]?.complete(&record)
        #expect(record.worker == "w" && record.id == 1)
        #expect(record.status == 418 && record.version == 3 && record.usage.cpuMicroseconds == 12)
    }

    @Test("Values of every kind go to the host and come back")
    func values() async throws {
        _ = try await serve { _, scope in
            let values: [HostValue] = [
                .undefined, .null, .boolean(true), .number(-0.5), .string("語\u{0}"), .bytes([0, 255]),
                .json(Array("{}".utf8)),
            ]
            for value in values {
                let echo = try await scope.ask("echo", value)
                #expect(echo == .list([value]))
            }
            let now = try await scope.ask("now", .string("at once"))
            #expect(now == .string("at once"))
            let large = try await scope.ask("large", .number(20_000_000))
            #expect(large.byteCount == 20_000_000)
        }
    }

    @Test("Errors of the host come with their code and text")
    func errors() async throws {
        _ = try await serve { _, scope in
            let error = await #expect(throws: HostError.self) { try await scope.ask("fail") }
            #expect(error == HostError(.conflict, "as was asked"))
            let refused = await #expect(throws: HostError.self) { try await scope.ask("give", .string("x")) }
            #expect(refused?.code == .invalidArgument)
            let large = await #expect(throws: HostError.self) {
                try await scope.ask("large", .number(50_000_000))
            }
            #expect(large == HostError(.failed, "the host's answer is too large"))
        }
    }

    @Test("A call says of which version it is: its dispatch may be begun on a later one than it was sent for")
    func version() async throws {
        let pair = LinkPair { dispatch, shard in
            Task {
                _ = try await shard.scope(of: UInt64(dispatch.id), version: 7).ask("echo", .string("x"))
                dispatch.answer("called")
            }
        }
        let observer = TestObserver()
        pair.supervisor.dispatch(get, observer)
        await observer.whenOver()
        #expect(observer.heads.first?.body == .whole(Array("called".utf8)))
        #expect(observer.version == 7)
    }

    @Test("What was not granted is refused by the supervisor, whatever the shard believes")
    func notGranted() async throws {
        let pair = LinkPair { dispatch, shard in
            Task {
                // A shard that was made to believe in another binding and more operations.
                let described = try BindingDescription(Probe.binding())
                let host = try shard.remote()
                let bindings = try host.bindings([described, described])
                let scope = CallScope(caller: "w", bindings: bindings, dispatch: UInt64(dispatch.id))
                let result = await withCheckedContinuation { continuation in
                    scope.call(Probe.index("echo"), on: 1, argumentBytes: 0, { () throws(HostError) in [] }) {
                        continuation.resume(returning: $0)
                    }
                }
                if case .failure(let error) = result {
                    dispatch.answer(error.code.rawValue)
                } else {
                    dispatch.answer("?")
                }
            }
        }
        let observer = TestObserver()
        pair.supervisor.dispatch(get, observer)
        await observer.whenOver()
        #expect(observer.heads.first?.body == .whole(Array("denied".utf8)))
    }

    @Test("A stream of the host's arrives whole", arguments: [0, 1, 65_536, 200_000])
    func streamFromHost(_ count: Int) async throws {
        _ = try await serve { _, scope in
            guard case .list(let values) = try await scope.ask("give", .number(Double(count))),
                case .stream(let stream)? = values.first
            else { throw HostError(.failed, "no stream") }
            #expect(values.last == .string("given"))
            var bytes: [UInt8] = []
            while let chunk = try await stream.read(atMost: 3000) { bytes += chunk }
            #expect(bytes == PatternStream.pattern(0..<count))
            let more = try await stream.read(atMost: 1)
            #expect(more == nil)
        }
    }

    @Test("A stream to the host arrives whole", arguments: [0, 1, 65_536, 200_000])
    func streamToHost(_ count: Int) async throws {
        _ = try await serve { _, scope in
            let counted = try await scope.ask("count", .stream(PatternStream(count, most: 999)))
            #expect(counted == .number(Double(count)))
        }
    }

    @Test("A sink of the host's takes what is written, and says when it is in place")
    func sink() async throws {
        let probe = Probe()
        _ = try await serve(probe: probe) { _, scope in
            guard case .sink(let sink) = try await scope.ask("take") else { throw HostError(.failed, "no sink") }
            for _ in 0..<50 { try await sink.write([UInt8](repeating: 5, count: 4000)) }
            try await sink.finish()
            #expect(probe.taken.isFinished)
            #expect(probe.taken.bytes == [UInt8](repeating: 5, count: 200_000))
        }
    }

    @Test("A sink that fails tells its writer why")
    func failingSink() async throws {
        let probe = Probe()
        probe.taken.fail(HostError(.exhausted, "the disk is full"))
        _ = try await serve(probe: probe) { _, scope in
            guard case .sink(let sink) = try await scope.ask("take") else { throw HostError(.failed, "no sink") }
            var failure: HostError?
            for _ in 0..<1000 where failure == nil {
                do throws(HostError) { try await sink.write([UInt8](repeating: 5, count: 4000)) } catch {
                    failure = error
                }
            }
            #expect(failure == HostError(.exhausted, "the disk is full"))
        }
    }

    @Test("A stream that is not read on is not read on by the supervisor either")
    func cancelStream() async throws {
        let probe = Probe()
        _ = try await serve(probe: probe) { _, scope in
            let upload = SilentStream()
            guard case .list(let values) = try await scope.ask("give", .number(Double(1 << 30))),
                case .stream(let stream)? = values.first
            else { throw HostError(.failed, "no stream") }
            _ = try await stream.read(atMost: 10)
            stream.cancel()
            await #expect(throws: HostError.self) { try await stream.read(atMost: 10) }
            _ = upload
        }
    }

    @Test("A call that is cancelled is cancelled at the supervisor, and its place is free again")
    func cancelCall() async throws {
        let probe = Probe()
        _ = try await serve(probe: probe) { _, scope in
            for _ in 0..<50 {
                let answered = Counter()
                let call = scope.call(
                    Probe.index("never"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }
                ) { _ in answered.add() }
                call?.cancel()
                #expect(answered.value == 1)
            }
            // Behind all of these.
            _ = try await scope.ask("echo")
            #expect(probe.cancelled.value == 50)
        }
    }

    @Test("With the dispatch, its calls at the supervisor end")
    func endCancels() async throws {
        let probe = Probe()
        _ = try await serve(probe: probe) { dispatch, scope in
            for _ in 0..<5 {
                scope.call(Probe.index("never"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }) { _ in }
            }
            _ = try await scope.ask("echo")
            dispatch.answer("bye")
        }
        #expect(probe.cancelled.value == 5)
    }

    @Test("More calls than may wait are refused to the script, and the connection stays")
    func manyCalls() async throws {
        let codes = Texts()
        _ = try await serve { dispatch, scope in
            for _ in 0..<3000 {
                scope.call(Probe.index("never"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }) { result in
                    if case .failure(let error) = result { codes.add(error.code.rawValue) }
                }
            }
        }
        #expect(codes.all.filter { $0 == "exhausted" }.count == 2000)
    }

    @Test("A call outside of a dispatch is refused")
    func outside() async throws {
        let pair = LinkPair()
        let scope = try pair.shardHandler.scope(of: 0)
        let error = await #expect(throws: HostError.self) { try await scope.ask("echo") }
        #expect(error?.code == .cancelled)
    }

    @Test("An operation that answers at once holds its thread no longer than it may")
    func boundedWait() async throws {
        // Nobody moves the bytes.
        let pair = LinkPair(isLive: false) { _, _ in }
        let observer = TestObserver()
        pair.supervisor.dispatch(get, observer)
        let scope = try pair.shardHandler.scope(of: 1, mostWait: .milliseconds(20))
        pair.move()
        let error = #expect(throws: HostError.self) {
            try scope.callNow(Probe.index("now"), on: 0, argumentBytes: 0) { () throws(HostError) in [] }
        }
        #expect(error?.code == .timedOut)
        // The answer that comes after all is nobody's.
        pair.move()
        #expect(pair.shardHandler.ends.isEmpty && pair.supervisorHandler.ends.isEmpty)
    }

    @Test("A body to the worker, and one from it, arrive whole", arguments: [10, 65_536, 65_537, 200_000])
    func bodies(_ count: Int) async throws {
        let observer = try await serve(body: PatternStream(count)) { dispatch, _ in
            var bytes: [UInt8] = []
            while let chunk = try await dispatch.body?.read(atMost: 10_000) { bytes += chunk }
            #expect(bytes == PatternStream.pattern(0..<count))
            dispatch.respond(AnswerDescription(status: 200, headers: [], body: .whole(bytes)))
            dispatch.end(DispatchReport())
        }
        if case .whole(let bytes)? = observer.heads.first?.body {
            #expect(bytes == PatternStream.pattern(0..<count))
        } else {
            #expect(observer.body.bytes == PatternStream.pattern(0..<count))
            #expect(observer.bodyFailure == nil)
        }
    }

    @Test("A client that takes nothing holds its worker back after a window")
    func slowClient() async throws {
        let pair = LinkPair(isLive: false) { dispatch, _ in
            let sink = dispatch.start(AnswerDescription(status: 200, headers: []))
            Pump.run(PatternStream(300_000), into: sink) { _ in dispatch.end(DispatchReport()) }
        }
        let observer = TestObserver(holdsBody: true)
        pair.supervisor.dispatch(get, observer)
        pair.move()
        #expect(pair.bytesMoved < 200_000)
        observer.body.release()
        pair.move()
        #expect(observer.body.bytes == PatternStream.pattern(0..<300_000))
        #expect(observer.reports.count == 1)
    }

    @Test("A client that leaves ends its worker's writing")
    func clientLeaves() async throws {
        let observer = try await serve { dispatch, _ in
            let sink = dispatch.start(AnswerDescription(status: 200, headers: []))
            await #expect(throws: HostError.self) {
                for _ in 0..<10_000 { try await sink.write([UInt8](repeating: 0, count: 10_000)) }
            }
        } onObserver: {
            $0.body.fail(HostError(.unavailable, "the client has left"))
        }
        #expect(observer.bodyFailure?.code == .unavailable)
    }

    @Test("A worker that is ended in the middle of its answer tells the client")
    func abort() async throws {
        let observer = try await serve { dispatch, _ in
            let sink = dispatch.start(AnswerDescription(status: 200, headers: []))
            try await sink.write([1, 2, 3])
            sink.cancel()
        }
        #expect(observer.bodyFailure != nil)
        #expect(observer.body.isCancelled)
    }

    @Test("A dispatch that nobody waits for is told")
    func cancelDispatch() async throws {
        let pair = LinkPair { dispatch, _ in
            dispatch.onCancel {
                dispatch.refuse(.failed(.exception))
                dispatch.end(DispatchReport())
            }
        }
        let observer = TestObserver()
        let id = try #require(pair.supervisor.dispatch(get, observer))
        pair.supervisor.cancel(id)
        await observer.whenOver()
        #expect(observer.refusals == [.failed(.exception)])
    }

    @Test("When the shard is gone, what has no answer is lost, once, and every question answered")
    func shardDies() async throws {
        let pair = LinkPair { dispatch, shard in
            let scope = try? shard.scope(of: UInt64(dispatch.id))
            _ = scope?.call(Probe.index("never"), on: 0, argumentBytes: 0, { () throws(HostError) in [] }) { _ in }
            if dispatch.id == 2 { _ = dispatch.start(AnswerDescription(status: 200, headers: [])) }
        }
        let observers = [TestObserver(), TestObserver()]
        for observer in observers { pair.supervisor.dispatch(get, body: SilentStream(), observer) }
        let run = RunDescription(WorkerDescription(ModulesDescription(worker: "run", main: "a", modules: [])))
        var waiting = run
        waiting.arguments = ["wait"]
        let answers = Counter()
        pair.supervisor.run(waiting, CallScope(caller: "run", bindings: [])) { if $0 == nil { answers.add() } }
        await pair.settle()
        pair.breakOff()
        for observer in observers { await observer.whenOver() }
        #expect(observers[0].losses == 1 && observers[0].answers == 1)
        #expect(observers[1].heads.count == 1 && observers[1].answers == 1)
        #expect(observers[1].bodyFailure?.code == .unavailable)
        #expect(observers.allSatisfy { $0.reports == [nil] })
        #expect(answers.value == 1)
        let late = TestObserver()
        #expect(pair.supervisor.dispatch(get, late) == nil)
        #expect(late.losses == 1 && late.answers == 1 && late.reports == [nil])
        #expect(pair.supervisorHandler.ends == [nil])
    }

    @Test("A check, a run, figures, lines, notices and a drain get through")
    func theRest() async throws {
        let pair = LinkPair { dispatch, _ in }
        let worker = WorkerDescription(ModulesDescription(worker: "w", main: "index.js", modules: []))
        let faults = await withCheckedContinuation { continuation in
            pair.supervisor.check(worker) { continuation.resume(returning: $0) }
        }
        #expect(faults == [FaultDescription(kind: "syntax", message: "index.js")])
        let figures = await withCheckedContinuation { continuation in
            pair.supervisor.askFigures(of: ["w", "www"]) { continuation.resume(returning: $0) }
        }
        #expect(figures?.map(\.isolates) == [1, 3])
        let report = await withCheckedContinuation { continuation in
            _ = pair.supervisor.run(RunDescription(worker), CallScope(caller: "run", bindings: [])) {
                continuation.resume(returning: $0)
            }
        }
        #expect(report == .report("\"outcome\":\"ok\"", Usage(cpuMicroseconds: 1, subrequests: 2)))
        pair.supervisor.install(worker)
        pair.supervisor.drain()
        let observer = TestObserver()
        let id = try #require(pair.supervisor.dispatch(get, observer))
        await pair.settle()
        #expect(pair.shardHandler.installed == [worker])
        #expect(pair.shardHandler.drains == 1)
        pair.shard.log(LineDescription(dispatch: id, level: "warn", message: "of it", time: 1))
        pair.shard.log(LineDescription(dispatch: 0, level: "log", message: "of none", time: 1))
        pair.shard.approach(id, .memory)
        pair.shard.approach(id, .memory)
        pair.shard.beat()
        pair.shard.loseThread(LostThreadNotice(worker: "w", parkedThreads: 2))
        await pair.settle()
        #expect(observer.lines.map(\.message) == ["of it"])
        #expect(observer.limits == [.memory])
        #expect(pair.supervisorHandler.lines.map(\.message) == ["of none"])
        #expect(pair.supervisorHandler.heartbeats == 1)
        #expect(pair.supervisorHandler.lost == [LostThreadNotice(worker: "w", parkedThreads: 2)])
    }

    @Test("A shard that writes more lines than it may drops them, and stays")
    func manyLines() async throws {
        let pair = LinkPair { dispatch, _ in }
        let observer = TestObserver()
        let id = try #require(pair.supervisor.dispatch(get, observer))
        await pair.settle()
        for number in 0..<20_000 {
            pair.shard.log(LineDescription(dispatch: id, level: "log", message: "line \(number)", time: 1))
            pair.shard.log(LineDescription(dispatch: 0, level: "log", message: "line \(number)", time: 1))
        }
        await pair.settle()
        #expect(observer.lines.count > 100 && observer.lines.count < 20_000)
        let lines = pair.supervisorHandler.lines.count
        #expect(lines > 100 && lines < 20_000)
        // With a heartbeat there is room again.
        pair.shard.beat()
        await pair.settle()
        #expect(pair.shard.log(LineDescription(dispatch: 0, level: "log", message: "at last", time: 1)))
        await pair.settle()
        #expect(pair.supervisorHandler.lines.last?.message == "at last")
        #expect(pair.supervisorHandler.ends.isEmpty)
    }

    private func serve(
        _ work: @escaping @Sendable (ShardDispatch, CallScope) async throws -> Void,
        onObserver: (TestObserver) -> Void
    ) async throws -> TestObserver {
        let pair = LinkPair { dispatch, shard in
            Task {
                if let scope = try? shard.scope(of: UInt64(dispatch.id)) { try? await work(dispatch, scope) }
                dispatch.end(DispatchReport())
            }
        }
        let observer = TestObserver()
        onObserver(observer)
        pair.supervisor.dispatch(get, observer)
        await observer.whenOver()
        return observer
    }
}
