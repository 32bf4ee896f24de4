// SPDX-License-Identifier: Apache-2.0
import Glibc
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

/// Scripts that V8 cannot stop, in this process. Each parked thread stays for the life of the process: few tests.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct LostThreadTests {
    /// Needs almost no memory, and looks at no interrupt for minutes.
    static let unresponsive = "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();"
    /// One string of 512 MiB, made of pieces at once.
    private static let bomb = "const s = '中'.repeat(2 ** 29 - 24); /y/.test(s);"

    private static func worker(_ body: String) -> [UInt8] { Array("export default { fetch() { \(body) } };".utf8) }

    /// An isolate on a thread, and a timer that was started there.
    private final class Occupant {
        private var instance: WorkerInstance?
        private var timer: LoopTimer?

        init(_ host: IsolateHost, on loop: EventLoop, onTime: @escaping @Sendable (UInt) -> Void) throws {
            let limits = Limits(memory: 32 << 20, cpu: nil, wall: nil)
            let instance = try WorkerInstance(host, name: "occupant", limits: limits)
            try instance.load(LostThreadTests.worker("return 'here'"), url: "file:///occupant.js")
            self.instance = instance
            timer = loop.makeTimer { onTime(pthread_self()) }
        }

        func start(after duration: Duration) { timer?.start(after: duration) }

        var answers: Bool {
            guard case .success(.value(.string("here")))? = instance?.fetch(.undefined).0 else { return false }
            return true
        }

        func leave() { (instance, timer) = (nil, nil) }
    }

    /// Runs a program on the thread. Its isolate must be able to go before the thread does.
    private func run(
        _ source: String, on thread: IsolateThread, _ host: IsolateHost, limits: Limits
    ) throws -> Later<Result<RunRecord, any Error>> {
        let ended = Later<Result<RunRecord, any Error>>()
        let url = try #require(ModuleURL(filePath: "/hostile.js"))
        var program = Program(entry: ModuleKey(url: url, kind: .javaScript))
        program.limits = limits
        let loader = MemoryLoader(["/hostile.js": source])
        thread.loop.post { [program] in
            let run = ScriptRun(
                program, on: thread, loader: loader, caches: nil, onLine: { _ in },
                completion: { ended.give(.success($0)) })
            do { _ = try run.start(host) } catch { ended.give(.failure(error)) }
        }
        return ended
    }

    @Test("A built-in that ignores termination ends with its run, and everybody else on its thread goes on")
    func unresponsive() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let thread = try IsolateThread()
        defer { thread.stop() }
        let loop = thread.loop
        let moved = Later<Result<ThreadBound<Occupant>, any Error>>()
        let timed = Later<UInt>()
        let threads = Later<UInt>()
        let answers = Later<Bool>()
        let lostBefore = Engine.load.lostIsolates
        loop.post { moved.give(Result { ThreadBound(try Occupant(host, on: loop) { timed.give($0) }, on: loop) }) }
        let occupant = try await moved.next().get()
        occupant.post { occupant in
            answers.give(occupant.answers)
            threads.give(pthread_self())
            occupant.start(after: .seconds(2))
        }
        let limits = Limits(memory: 64 << 20, cpu: .milliseconds(100), wall: .seconds(60))
        // The run's own step is a job that it posts: these are before it.
        let ended = try run(
            Self.unresponsive + "\nexport default 'not reached'", on: thread, host, limits: limits)
        // Late enough that a busy machine has begun the run by then.
        occupant.post { occupant in occupant.start(after: .seconds(2)) }
        let record = try await ended.next().get()
        occupant.post { _ in threads.give(pthread_self()) }
        occupant.post { answers.give($0.answers) }

        #expect(record.outcome == .exceededCPU)
        #expect(record.usage.cpuMicroseconds >= 100_000)
        #expect(record.usage.memoryPeakBytes > 0)
        #expect(record.approached.contains(.cpu))
        #expect(record.value == nil)
        #expect(Engine.load.lostIsolates == lostBefore + 1)
        let (before, after) = (try await threads.next(), try await threads.next())
        #expect(before != after, "the thread was not replaced")
        #expect(try await timed.next() == after)
        #expect(try await answers.next())
        #expect(try await answers.next())
        // A run on the new thread is as on the old one.
        let next = try await run("export default 1 + 1", on: thread, host, limits: limits).next().get()
        #expect(next.outcome == .ok)
        #expect(next.value == .number(2))
        occupant.post { occupant in
            occupant.leave()
            threads.give(0)
        }
        _ = try await threads.next()
    }

    @Test("Jobs that waited behind a lost one run on the new thread, in their order")
    func jobsBehind() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let thread = try IsolateThread()
        defer { thread.stop() }
        let lost = Later<LostTurn>()
        let jobs = Later<(Int, UInt)>()
        let failed = Later<String>()
        let limits = Limits(memory: 32 << 20, cpu: nil, wall: nil)
        let source = Self.worker(Self.unresponsive)
        thread.loop.post {
            jobs.give((0, pthread_self()))
            do {
                let instance = try WorkerInstance(host, name: "hostile", limits: limits, onLost: { lost.give($0) })
                try instance.load(source, url: "file:///hostile.js")
                // From here on the jobs below wait.
                let (result, _) = instance.fetch(.undefined, budget: .init(cpu: .milliseconds(100)))
                failed.give("the fetch came back with \(result)")
            } catch {
                failed.give("\(error)")
            }
        }
        for number in 1...20 { thread.loop.post { jobs.give((number, pthread_self())) } }
        let turn = try await lost.next()
        #expect(turn.termination == .cpu)
        #expect(turn.loss == .unresponsive)
        #expect(turn.cpu >= .milliseconds(100))
        #expect(turn.outcome == .exceededCPU)
        let (_, first) = try await jobs.next()
        for number in 1...20 {
            let (seen, thread) = try await jobs.next()
            #expect(seen == number)
            #expect(thread != first)
        }
        _ = failed
    }

    @Test("A string past the hard bound parks its thread before it is made")
    func memoryBomb() async throws {
        let thread = try IsolateThread()
        defer { thread.stop() }
        let host = IsolateHost(try TestEngine.shared())
        let limits = Limits(memory: 32 << 20, cpu: .seconds(30), wall: .seconds(60))
        let record = try await run(Self.bomb, on: thread, host, limits: limits).next().get()
        #expect(record.outcome == .exceededMemory)
        #expect(record.usage.memoryPeakBytes > 32 << 20)
        let next = try await run("export default 'fine'", on: thread, host, limits: limits).next().get()
        #expect(next.value == .string("fine"))
    }
}
