// SPDX-License-Identifier: Apache-2.0
public import Isolates
internal import Prelude
internal import Synchronization
public import Testing

/// The process's one engine, with the base snapshot, for all suites.
public enum TestEngine {
    private struct Started {
        let engine: Engine
        let snapshot: Snapshot
        let refusals: [EngineError?]
    }

    /// Warm-ups that go wrong, one way each.
    private static let brokenWarmUps = ["throw new Error('at once')", "return () => { throw new Error('late') }", "1"]

    private static let started = Result {
        let engine = try Engine()
        let refusals = brokenWarmUps.map { source in
            let exports = Snapshot.Script(name: "exports", source: Array("internals.exports = {}".utf8))
            let warmUp = Snapshot.Script(name: "warm-up", source: Array(source.utf8))
            do throws(EngineError) {
                _ = try Snapshot(engine, scripts: [exports], operations: [], warmUp: warmUp)
                return EngineError?.none
            } catch {
                return error
            }
        }
        let snapshot = try Prelude.makeSnapshot(engine)
        try engine.use(snapshot)
        return Started(engine: engine, snapshot: snapshot, refusals: refusals)
    }

    /// The engine, started at first use.
    public static func shared() throws -> Engine { try started.get().engine }

    /// What its isolates start from.
    public static func snapshot() throws -> Snapshot { try started.get().snapshot }

    /// What making a snapshot said, before the first isolate, to a warm-up that throws, to one that throws when
    /// microtasks have run, and to one that returns no function; nil: nothing.
    public static func refusalsOfWarmUps() throws -> [EngineError?] { try started.get().refusals }
}

/// Runs the suite's tests one after another, across suites, and fails one that leaves an isolate behind.
/// A time limit of such a suite counts the wait for the others too.
public struct LeavesNoIsolates: TestTrait, SuiteTrait, TestScoping {
    /// Each test of a suite has its own turn.
    public let isRecursive = true
    private static let turn = AsyncLock()

    /// Waits for the turn, runs the test, and counts isolates before and after.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Self.turn.lock()
        let before = Engine.liveIsolates
        do {
            try await function()
        } catch {
            await Self.turn.unlock()
            throw error
        }
        let after = Engine.liveIsolates
        await Self.turn.unlock()
        #expect(after == before, "isolates are left behind")
    }
}

extension Trait where Self == LeavesNoIsolates {
    /// Fails tests that leave isolates behind.
    public static var leavesNoIsolates: LeavesNoIsolates { LeavesNoIsolates() }
}

/// Lets one task after another through.
private actor AsyncLock {
    private var isLocked = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func lock() async {
        if !isLocked {
            isLocked = true
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func unlock() {
        if waiting.isEmpty { isLocked = false } else { waiting.removeFirst().resume() }
    }
}
