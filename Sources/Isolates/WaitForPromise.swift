// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

extension Isolate {
    /// Turns the loop on this thread until a promise settles. For embedders who have no loop of their own:
    /// make the isolate with `onWake: { loop.post {} }`.
    /// - Throws: `ScriptError.terminated(.wall)` when `timeout` passes first.
    public func wait(
        for promise: Promise, on loop: EventLoop, timeout: Duration? = nil
    ) throws(ScriptError) -> ScriptValue {
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        // libuv runs a timer that is due before it waits, and waits all the same: the job ends that.
        let timer = loop.makeTimer { [unowned loop] in loop.post {} }
        while true {
            try deliver()
            if let value = try promise.take() { return value }
            if let deadline {
                guard clock.now < deadline else { throw .terminated(.wall) }
                timer.start(after: deadline - clock.now)
            }
            loop.turn()
        }
    }
}
