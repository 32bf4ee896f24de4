// SPDX-License-Identifier: Apache-2.0
internal import CPrelude
public import Isolates

/// The JavaScript that every context starts with, and the operations of the host that it calls.
public enum Prelude {
    /// Operations that the host must answer, in the order of their indices.
    public enum Operation: String, CaseIterable, Sendable {
        /// `log(level, text)`: a console line; level is log, info, debug, warn or error.
        case log
        /// `armTimer(milliseconds, holds)`: call `runTimers` then; below zero: no timer is left. Unless it
        /// holds, a run need not wait for it.
        case armTimer
    }

    /// Functions of the prelude that the host calls.
    public enum Export: String, CaseIterable, Sendable {
        /// `runTimers()`: runs the timers that are due.
        case runTimers
        /// `setProcess(file, arguments, flat list of names and values)`: defines `process`.
        case setProcess
        /// `inspectError(value)`: the text in which an uncaught value is shown.
        case inspectError
        /// `approachLimit(limit, used, total)`: tells the script that it has used most of a limit; limit is cpu or
        /// wall, both in milliseconds, or memory, in bytes.
        case approachLimit
    }

    /// The scripts in load order.
    public static var scripts: [Snapshot.Script] {
        unsafe UnsafeBufferPointer(start: cprelude_scripts, count: cprelude_script_count).map { script in
            unsafe Snapshot.Script(
                name: String(cString: script.name),
                source: Array(UnsafeBufferPointer(start: script.bytes, count: script.count)))
        }
    }

    /// Makes the startup snapshot.
    public static func makeSnapshot(_ engine: Engine) throws(EngineError) -> Snapshot {
        try Snapshot(engine, scripts: scripts, operations: Operation.allCases.map(\.rawValue))
    }
}
