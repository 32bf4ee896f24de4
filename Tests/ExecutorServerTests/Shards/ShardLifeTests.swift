// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ExecutorServer

@Suite("The life of a shard")
struct ShardLifeTests {
    private func serving(since now: UInt64) -> ShardLife {
        var life = ShardLife()
        #expect(life.next(at: now) == .start)
        life.isReady(at: now)
        return life
    }

    @Test("It is started at once, and only once")
    func start() {
        var life = ShardLife()
        #expect(life.next(at: 0) == .start)
        #expect(life.next(at: 0) == nil)
        #expect(life.due == life.rules.startTime)
    }

    @Test("One that does not come up is killed")
    func neverReady() {
        var life = ShardLife()
        #expect(life.next(at: 0) == .start)
        guard case .kill? = life.next(at: life.rules.startTime) else { return #expect(Bool(false), "it is left alone") }
        #expect(life.next(at: life.rules.startTime * 2) == nil)
    }

    @Test("One that is silent is killed, one that is heard is not")
    func silence() {
        var life = serving(since: 0)
        for step in 1...100 {
            let now = UInt64(step) * life.rules.silence / 2
            #expect(life.next(at: now) == nil)
            life.heard(at: now)
        }
        var halted = life
        let late = 51 * life.rules.silence
        #expect(life.next(at: late) == nil)
        guard case .kill? = halted.next(at: late, isHalted: { true }) else {
            return #expect(Bool(false), "one that is stopped is left alone")
        }
        let later = 50 * life.rules.silence + life.rules.longSilence
        guard case .kill? = life.next(at: later) else { return #expect(Bool(false), "it is left alone") }
        life.heard(at: later)
        #expect(life.phase == .ending)
    }

    @Test("The first end is followed by a start at once; those that end soon wait longer each time, up to a bound")
    func backoff() {
        var life = serving(since: 0)
        var now: UInt64 = 0
        var delays: [UInt64] = []
        for _ in 0..<20 {
            life.ended(at: now)
            let due = life.due ?? 0
            delays.append(due - now)
            if due > now { #expect(life.next(at: due - 1) == nil) }
            now = due
            #expect(life.next(at: now) == .start)
            life.isReady(at: now)
        }
        #expect(Array(delays.prefix(4)) == [0, 100_000_000, 200_000_000, 400_000_000])
        #expect(delays.last == life.rules.mostDelay)
        now += life.rules.soon
        life.heard(at: now)
        life.ended(at: now)
        #expect(life.due == now)
        #expect(life.earlyEnds == 1)
    }

    @Test("An end before it took requests counts as one that came soon")
    func failedStart() {
        var life = ShardLife()
        for _ in 0..<3 {
            let now = life.due ?? 0
            #expect(life.next(at: now) == .start)
            life.ended(at: now)
        }
        #expect(life.earlyEnds == 3)
    }

    @Test("One that is old, has lost threads, or has few ids left is replaced; said once")
    func replacement() {
        var old = serving(since: 0)
        old.heard(at: old.rules.mostAge)
        guard case .replace? = old.next(at: old.rules.mostAge) else { return #expect(Bool(false), "it stays") }
        #expect(old.next(at: old.rules.mostAge) == nil)
        var parked = serving(since: 0)
        parked.heard(at: 1, parkedThreads: parked.rules.mostParkedThreads - 1, idsLeft: parked.rules.leastIDs)
        #expect(parked.next(at: 1) == nil)
        parked.heard(at: 2, parkedThreads: parked.rules.mostParkedThreads)
        guard case .replace? = parked.next(at: 2) else { return #expect(Bool(false), "it stays") }
        var used = serving(since: 0)
        used.heard(at: 1, idsLeft: used.rules.leastIDs)
        #expect(used.next(at: 1) == nil)
        used.heard(at: 2, idsLeft: used.rules.leastIDs - 1)
        guard case .replace? = used.next(at: 2) else { return #expect(Bool(false), "it stays") }
    }

    /// One that is to be replaced, at a time.
    private func replaced(at now: UInt64) -> ShardLife {
        var life = serving(since: 0)
        life.heard(at: now, parkedThreads: life.rules.mostParkedThreads)
        guard case .replace? = life.next(at: now) else {
            #expect(Bool(false), "it stays")
            return life
        }
        return life
    }

    @Test("One that is replaced begins anew with the process that takes its place")
    func isReplaced() {
        var life = replaced(at: 5)
        life.isReplaced(at: 10)
        #expect(life.phase == .serving(since: 10, heard: 10))
        #expect(life.next(at: 11) == nil)
        life.ended(at: 12)
        #expect(life.earlyEnds == 1)
    }

    @Test("A replacement that does not come up is given up, and another one tried later; the old one goes on meanwhile")
    func replacementHangs() {
        var life = replaced(at: 0)
        let late = life.rules.startTime
        life.heard(at: late)
        guard case .giveUp? = life.next(at: late) else { return #expect(Bool(false), "it waits for ever") }
        #expect(life.phase == .serving(since: 0, heard: late))
        let again = late + life.rules.mostDelay
        life.heard(at: again)
        #expect(life.next(at: again - 1) == nil)
        guard case .replace? = life.next(at: again) else { return #expect(Bool(false), "it is tried once only") }
        life.replacementEnded(at: again)
        #expect(life.next(at: again) == nil)
        life.heard(at: again + life.rules.mostDelay)
        guard case .replace? = life.next(at: again + life.rules.mostDelay) else {
            return #expect(Bool(false), "it is tried twice only")
        }
    }

    @Test("Where the old one ends while its replacement starts, that is the one, and no third is started")
    func endsMeanwhile() {
        var life = replaced(at: 5)
        life.ended(at: 6)
        #expect(life.phase == .starting(since: 5))
        #expect(life.next(at: 7) == nil)
        life.isReady(at: 8)
        #expect(life.phase == .serving(since: 8, heard: 8))
        #expect(life.next(at: 9) == nil)
    }

    @Test("Time in which nobody listened is not silence")
    func excuse() {
        var life = serving(since: 0)
        let silence = life.rules.longSilence
        life.excuse(silence)
        #expect(life.next(at: silence) == nil)
        guard case .kill? = life.next(at: silence * 2) else { return #expect(Bool(false), "it is left alone") }
    }
}
