// SPDX-License-Identifier: Apache-2.0
import Isolates
import Testing

/// The decisions alone: looks are values here, and no time passes.
@Suite struct EscalationTests {
    private typealias Look = Escalation.Look

    /// A turn past its CPU budget, terminated so long ago.
    private func overrun(cpu: Duration = .zero, wall: Duration = .zero) -> Look {
        var look = Look()
        look.termination = .cpu
        look.isTerminated = true
        look.cpuPast = cpu
        look.wallPast = wall
        return look
    }

    /// A parked thread.
    private func parked(_ loss: Loss = .unresponsive, for time: Duration = .zero, tasks: Int = 0) -> Look {
        var look = overrun(cpu: .milliseconds(201), wall: .milliseconds(500))
        look.loss = loss
        look.parked = time
        look.workerTasks = tasks
        return look
    }

    /// An escalation that has seen these.
    private func escalation(after looks: Look...) -> Escalation {
        var escalation = Escalation()
        for look in looks { _ = escalation.step(look) }
        return escalation
    }

    private var spent: Look {
        var look = Look()
        look.termination = .cpu
        return look
    }

    @Test("A turn whose budget is spent is terminated first")
    func terminates() {
        var escalation = Escalation()
        #expect(escalation.stage == .running)
        #expect(escalation.step(spent) == .terminate)
        #expect(escalation.stage == .terminated)
    }

    @Test("A terminated turn has its grace, of CPU and of elapsed time, and is kicked after it")
    func grace() {
        var escalation = escalation(after: spent)
        #expect(escalation.step(overrun()) == .wait)
        #expect(escalation.step(overrun(cpu: .milliseconds(399), wall: .milliseconds(499))) == .wait)
        #expect(escalation.stage == .terminated)
        #expect(escalation.step(overrun(cpu: .milliseconds(400), wall: .milliseconds(400))) == .kick)
        #expect(escalation.stage == .kicked)
        // Until it is found inside V8.
        #expect(escalation.step(overrun(cpu: .milliseconds(402), wall: .milliseconds(402))) == .kick)
        #expect(escalation.stage == .kicked)
    }

    @Test("A thread that gets no core is kicked by elapsed time")
    func withoutCore() {
        var escalation = escalation(after: spent)
        #expect(escalation.step(overrun(cpu: .milliseconds(3), wall: .milliseconds(500))) == .kick)
    }

    @Test("A turn that was terminated by its own thread is seen as terminated, whatever the reason")
    func terminatedElsewhere() {
        for termination in [Termination.heap, .requested] {
            var look = overrun(cpu: .milliseconds(1), wall: .milliseconds(1))
            look.termination = termination
            var escalation = Escalation()
            #expect(escalation.step(look) == .wait)
            #expect(escalation.stage == .terminated)
            look.cpuPast = .milliseconds(450)
            #expect(escalation.step(look) == .kick)
        }
    }

    @Test("A turn that ends by itself leaves nothing behind for the next one")
    func endsByItself() {
        // The watchdog looks no more; the owner of the isolate begins anew.
        var first = escalation(after: spent, overrun(cpu: .milliseconds(100), wall: .milliseconds(100)))
        #expect(first.stage == .terminated)
        first = Escalation()
        #expect(first == Escalation())
        #expect(first.step(spent) == .terminate)
    }

    @Test("A thread that is not expendable is never kicked, however late it is")
    func indispensable() {
        var escalation = escalation(after: spent)
        for seconds in 0..<100 {
            var look = overrun(cpu: .seconds(seconds), wall: .seconds(seconds))
            look.isExpendable = false
            #expect(escalation.step(look) == .wait)
        }
        #expect(escalation.stage == .terminated)
    }

    @Test("A loss condemns once, at whatever stage it comes", arguments: 0...2)
    func condemns(_ stage: Int) {
        let late = overrun(cpu: .seconds(1), wall: .seconds(1))
        var escalation = [escalation(), escalation(after: spent), escalation(after: spent, late)][stage]
        #expect(escalation.stage == [.running, .terminated, .kicked][stage])
        let steps = (0..<6).map { escalation.step(parked(for: .milliseconds(2 * $0))) }
        #expect(steps == [.condemn, .reclaim, .forget, .forget, .forget, .forget])
        #expect(escalation.stage == .reclaimed)
    }

    @Test("Every kind of loss goes the same way", arguments: [Loss.unresponsive, .memory, .outOfMemory, .aborted])
    func kinds(_ loss: Loss) {
        var look = parked(loss)
        // Lost before any limit was seen to be passed.
        look.termination = nil
        look.isTerminated = false
        var escalation = Escalation()
        #expect([0, 1, 2].map { _ in escalation.step(look) } == [.condemn, .reclaim, .forget])
    }

    @Test("Background tasks delay the reclaim")
    func backgroundTasks() {
        var escalation = escalation(after: spent, parked(tasks: 2))
        #expect(escalation.stage == .condemned)
        #expect(escalation.step(parked(for: .milliseconds(10), tasks: 2)) == .wait)
        #expect(escalation.step(parked(for: .seconds(2), tasks: 1)) == .wait)
        #expect(escalation.stage == .condemned)
        #expect(escalation.step(parked(for: .seconds(2), tasks: 0)) == .reclaim)
        #expect(escalation.stage == .reclaimed)
        #expect(escalation.step(parked(for: .seconds(3), tasks: 0)) == .forget)
    }

    @Test("Background tasks that never end leave the memory taken")
    func leaks() {
        var escalation = escalation(after: spent, parked(tasks: 1))
        #expect(escalation.step(parked(for: .milliseconds(2001), tasks: 1)) == .forget)
        #expect(escalation.stage == .leaked)
        // A task that ends after all comes too late: nobody looks any more.
        #expect(escalation.step(parked(for: .seconds(3), tasks: 0)) == .forget)
        #expect(escalation.stage == .leaked)
    }

    @Test("A task that ended is reclaimed after, however late it is seen")
    func endedLate() {
        var escalation = escalation(after: spent, parked(tasks: 1))
        #expect(escalation.step(parked(for: .seconds(60), tasks: 0)) == .reclaim)
    }
}
