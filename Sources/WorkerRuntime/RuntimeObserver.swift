// SPDX-License-Identifier: Apache-2.0
public import Isolates

/// Hears what happens to the isolates of a runtime. On the watchdog's thread: return soon, and dispose of nothing.
public protocol RuntimeObserver: Sendable {
    /// One thing that happened.
    func observe(_ event: RuntimeEvent)
}

/// What a runtime tells its observer.
public enum RuntimeEvent: Sendable, Equatable {
    /// A turn past its budget was dealt with; `isolate` is the name that it has from its owner now.
    case escalated(isolate: String, EscalationEvent)
    /// So many threads are parked for ever, each with memory that the process cannot get back: finish what is under
    /// way and start the process anew.
    case drainWanted(parkedThreads: Int)
}
