// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

/// What is left of an isolate whose thread is parked, and who hears of it.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct LostIsolateTests {
    private static let unresponsive = "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();"

    private struct Ear: RuntimeObserver {
        let events = Later<RuntimeEvent>()
        func observe(_ event: RuntimeEvent) { events.give(event) }
    }

    /// An isolate with what names things in it, which its thread is lost with.
    private final class Hostile {
        private let isolate: Isolate
        private let context: Context
        private let terminator: Terminator

        init(_ host: IsolateHost, name: String, onLost: @escaping @Sendable (LostTurn) -> Void) throws {
            let limits = Limits(memory: 32 << 20, cpu: nil, wall: nil)
            isolate = try host.makeIsolate(name, limits: limits, onLost: onLost)
            context = try isolate.makeContext(bare: true)
            terminator = try isolate.makeTerminator()
        }

        /// Does not come back.
        func hang(_ source: String) {
            let (result, _) = isolate.turn(.init(cpu: .milliseconds(50))) { () throws(ScriptError) in
                try context.evaluate(source)
            }
            Issue.record("the turn came back: \(result)")
        }

        /// What is said to whoever uses something of it.
        var answers: [String] {
            let again = isolate.turn { () throws(ScriptError) in 1 }.0
            isolate.notifyLowMemory()
            context.release()
            return [
                Self.words { try context.evaluate("1") }, Self.words { _ = try isolate.makeContext() },
                Self.words { _ = try isolate.heapStatistics() }, Self.words { try isolate.deliver() },
                Self.words { _ = try again.get() }, "\(terminator.terminate())",
            ]
        }

        private static func words(_ body: () throws -> Void) -> String {
            do {
                try body()
                return "nothing"
            } catch {
                return "\(error)"
            }
        }
    }

    /// Makes one on the thread and has it hang there.
    private func lose(
        _ name: String, on thread: IsolateThread, _ host: IsolateHost, _ source: String = unresponsive
    ) async throws -> (ThreadBound<Hostile>, LostTurn) {
        let made = Later<Result<ThreadBound<Hostile>, any Error>>()
        let lost = Later<LostTurn>()
        let loop = thread.loop
        loop.post {
            made.give(Result { ThreadBound(try Hostile(host, name: name, onLost: { lost.give($0) }), on: loop) })
        }
        let hostile = try await made.next().get()
        hostile.post { $0.hang(source) }
        return (hostile, try await lost.next())
    }

    @Test("An observer hears of each step in its order, and once that the process should drain")
    func observer() async throws {
        let ear = Ear()
        let host = IsolateHost(try TestEngine.shared(), mostParked: 1, observer: ear)
        let thread = try IsolateThread()
        defer { thread.stop() }
        let (_, turn) = try await lose("watched", on: thread, host)
        #expect(turn.loss == .unresponsive)
        var stages: [Escalation.Stage] = []
        var drains: [Int] = []
        while stages.last != .reclaimed && stages.last != .leaked {
            switch try await ear.events.next() {
            case .escalated("watched", let event):
                stages.append(event.stage)
                #expect(event.termination == .cpu)
                #expect((event.loss == .unresponsive) == [.condemned, .reclaimed].contains(event.stage))
            case .escalated(let name, _): Issue.record("an event of \(name)")
            case .drainWanted(let parked):
                #expect(stages.last == .condemned)
                drains.append(parked)
            }
        }
        #expect(stages == [.terminated, .kicked, .condemned, .reclaimed])
        #expect(drains == [1])
    }

    @Test("What named something of a lost isolate says so, and its terminator is inert")
    func inert() async throws {
        let ear = Ear()
        let host = IsolateHost(try TestEngine.shared(), observer: ear)
        let thread = try IsolateThread()
        defer { thread.stop() }
        let lostBefore = Engine.load.lostIsolates
        let liveBefore = Engine.load.liveIsolates
        let (hostile, _) = try await lose("gone", on: thread, host)
        #expect(Engine.load.lostIsolates == lostBefore + 1)
        #expect(Engine.load.liveIsolates == liveBefore)
        let answers = Later<[String]>()
        hostile.post { answers.give($0.answers) }
        let missing = "\(ScriptError.missing("the isolate was lost with its thread"))"
        #expect(try await answers.next() == Array(repeating: missing, count: 5) + ["false"])
        while case .escalated(_, let event) = try await ear.events.next(), event.stage != .reclaimed {}
        // Nothing of it is counted once its memory is given back, but what native code holds.
        hostile.post { answers.give($0.answers) }
        #expect(try await answers.next().last == "false")
    }

    @Test("Hostile scripts on two threads at once are both lost, and the threads replaced")
    func together() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let (one, two) = (try IsolateThread(), try IsolateThread())
        defer {
            one.stop()
            two.stop()
        }
        async let first = lose("first", on: one, host)
        async let second = lose("second", on: two, host, "const s = '中'.repeat(2 ** 29 - 24); /y/.test(s);")
        let losses = try await [first.1.loss, second.1.loss]
        #expect(losses == [.unresponsive, .memory])
        let alive = Later<Int>()
        for (number, thread) in [one, two].enumerated() { thread.loop.post { alive.give(number) } }
        #expect(try await [alive.next(), alive.next()].sorted() == [0, 1])
    }
}
