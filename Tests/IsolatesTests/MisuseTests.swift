// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Isolates
import Support
import Synchronization
import Testing

/// Embedders' mistakes: an error for them, and nothing worse for anybody.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(10))) struct MisuseTests {
    /// An isolate and a context that other threads may name: that is the mistake under test.
    private final class Shared: @unchecked Sendable {
        let isolate: Isolate
        let context: Context

        init() throws {
            isolate = try Isolate(TestEngine.shared(), .init(heapLimit: 64 << 20))
            context = try isolate.makeContext()
        }

        func turn(_ source: String, _ budget: Isolate.Budget = .init()) -> (Result<Int, ScriptError>, Isolate.Turn) {
            isolate.turn(budget) { () throws(ScriptError) in try context.evaluate(source, as: Int.self) }
        }
    }

    private func isMisuse(_ body: () throws -> Void) -> Bool {
        do {
            try body()
            return false
        } catch {
            if case .misuse? = error as? ScriptError { return true }
            return false
        }
    }

    @Test("A host function that throws is an exception of the script, and the turn goes on")
    func throwing() throws {
        struct Odd: Error, CustomStringConvertible { let description = "odd" }
        let shared = try Shared()
        try shared.context.define("fail") { (how: Int) throws -> Int in
            switch how {
            case 0: throw Odd()
            case 1: throw HostException(.rangeError, "no", code: "E_NO")
            case 2: throw ScriptError.terminated(.requested)
            default: throw CancellationError()
            }
        }
        let (result, turn) = shared.turn(
            "let n = 0; for (const how of [0, 1, 2, 3]) { try { fail(how) } catch (e) { n += 1 + (e.code === 'E_NO') } } n"
        )
        #expect(try result.get() == 5 || result.get() == 4)
        #expect(turn.termination == nil)
    }

    @Test("A host function that blocks past the deadline ends its turn, and the isolate goes on")
    func blocking() throws {
        let shared = try Shared()
        let released = DispatchSemaphore(value: 0)
        try shared.context.define("block") { (milliseconds: Int) throws -> Int in
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(milliseconds)) { released.signal() }
            released.wait()
            return milliseconds
        }
        let (result, turn) = shared.turn("block(300); for (;;); 1", .init(wall: .milliseconds(50)))
        #expect(throws: ScriptError.terminated(.wall)) { try result.get() }
        #expect(turn.termination == .wall)
        #expect(turn.wall >= .milliseconds(300), "the turn ended inside of the host")
        let (next, after) = shared.turn("block(1) + 1")
        #expect(try next.get() == 2)
        #expect(after.termination == nil)
    }

    @Test("A host function that goes back into its isolate is told so, by every way in")
    func reentrant() throws {
        let shared = try Shared()
        try shared.context.evaluate("function f() { return 1 }")
        let function = try shared.context.function("f")
        let misuses = Mutex(0)
        try shared.context.define("again") { [unowned shared] () throws -> Int in
            let ways: [() throws -> Void] = [
                { _ = try shared.context.evaluate("1") },
                { _ = try function.call() },
                { _ = try shared.isolate.turn { () throws(ScriptError) in 1 }.0.get() },
                { _ = try shared.isolate.makeContext() },
                { try shared.isolate.runMicrotasks() },
                { try shared.isolate.deliver() },
                { _ = try shared.context.compile(Array("1".utf8), url: "file:///a.js") },
            ]
            let count = ways.count { isMisuse($0) }
            misuses.withLock { $0 = count }
            return ways.count
        }
        let (result, turn) = shared.turn("again() + f()")
        #expect(misuses.withLock { $0 } == 7)
        #expect(try result.get() == 8)
        #expect(turn.termination == nil)
        // Without a turn too.
        #expect(try shared.context.evaluate("again()", as: Int.self) == 7)
        #expect(misuses.withLock { $0 } == 7)
    }

    @Test("An answer to a call whose isolate was disposed meanwhile is dropped")
    func answerTooLate() throws {
        let answer = Mutex<DeferredAnswer?>(nil)
        let woken = Atomic(0)
        let context: Context
        do {
            let isolate = try Isolate(TestEngine.shared()) { woken.add(1, ordering: .relaxed) }
            context = try isolate.makeContext()
            try context.define("later") { (call: borrowing HostCall) in
                let deferred = call.deferring()
                answer.withLock { $0 = deferred }
            }
            let (result, _) = isolate.turn { () throws(ScriptError) in try context.evaluate("later().then(() => 1)") }
            _ = try result.get()
            let pending = isolate.pendingHostCalls
            #expect(pending == 1)
        }
        let deferred = try #require(answer.withLock { $0 })
        deferred.settle(.success(.number(1)))
        deferred.settle(.failure(HostException(.error, "twice")))
        #expect(throws: ScriptError.missing("the isolate was disposed")) { try context.evaluate("1") }
        #expect(throws: ScriptError.missing("the isolate was disposed")) { try context.takeUncaught() }
    }

    @Test("An isolate whose last reference goes inside its turn is disposed when the turn is over")
    func disposedInside() throws {
        let before = Engine.liveIsolates
        let owner = Mutex<Shared?>(try Shared())
        let inside = Mutex<Int>(0)
        let context: Context
        let terminator: Terminator
        do {
            let shared = try #require(owner.withLock { $0 })
            context = shared.context
            terminator = try shared.isolate.makeTerminator()
        }
        try context.define("drop") { () -> Int in
            owner.withLock { $0 = nil }
            inside.withLock { $0 = Engine.liveIsolates }
            return 41
        }
        let (result, turn) = try #require(owner.withLock { $0 }).turn("drop() + 1")
        #expect(try result.get() == 42)
        #expect(turn.termination == nil)
        #expect(inside.withLock { $0 } == before + 1)
        #expect(Engine.liveIsolates == before)
        #expect(!terminator.terminate())
        #expect(throws: ScriptError.missing("the isolate was disposed")) { try context.evaluate("1") }
    }

    @Test("A second thread is refused while a turn is open, and served when it is over")
    func twoThreads() throws {
        let shared = try Shared()
        let refusals = Mutex<[Bool]>([])
        let looked = DispatchSemaphore(value: 0)
        let other = DispatchQueue(label: "the second thread")
        try shared.context.define("meanwhile") { [unowned shared] () -> Int in
            other.async {
                // The first thread waits in a host call, still inside its turn.
                let seen = [
                    isMisuse { _ = try shared.context.evaluate("1") },
                    isMisuse { _ = try shared.isolate.turn { () throws(ScriptError) in 1 }.0.get() },
                    isMisuse { _ = try shared.isolate.heapStatistics() },
                    isMisuse { _ = try shared.isolate.makeTerminator() },
                ]
                refusals.withLock { $0 = seen }
                looked.signal()
            }
            return looked.wait(timeout: .now() + 30) == .success ? 1 : 0
        }
        let (result, _) = shared.turn("meanwhile()")
        #expect(try result.get() == 1)
        #expect(refusals.withLock { $0 } == [true, true, true, true])
        let sum = Mutex<Int?>(nil)
        other.async {
            let (result, _) = shared.turn("1 + 1")
            sum.withLock { $0 = try? result.get() }
            looked.signal()
        }
        #expect(looked.wait(timeout: .now() + 30) == .success)
        #expect(sum.withLock { $0 } == 2)
        // Its hold on the isolate has ended too.
        other.sync {}
    }
}
