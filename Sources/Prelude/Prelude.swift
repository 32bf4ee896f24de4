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

    /// Parts that a context loads when a script first names what is in them.
    enum Part: String, CaseIterable {
        case url
        case urlPattern
        case streams
        /// What `console` needs to show values.
        case inspect

        var globals: [String] {
            switch self {
            case .url: ["URL", "URLSearchParams"]
            case .urlPattern: ["URLPattern"]
            case .inspect: []
            case .streams:
                [
                    "ReadableStream", "ReadableStreamDefaultReader", "ReadableStreamBYOBReader",
                    "ReadableStreamDefaultController", "ReadableByteStreamController", "ReadableStreamBYOBRequest",
                    "WritableStream", "WritableStreamDefaultWriter", "WritableStreamDefaultController",
                    "TransformStream", "TransformStreamDefaultController", "ByteLengthQueuingStrategy",
                    "CountQueuingStrategy", "TextEncoderStream", "TextDecoderStream",
                ]
            }
        }
    }

    /// The snapshot's scripts in load order.
    public static var scripts: [Snapshot.Script] { scripts(of: nil) }

    /// What loads later.
    public static var parts: [Snapshot.Part] {
        Part.allCases.map { part in
            Snapshot.Part(
                name: part.rawValue, globals: part.globals, scripts: scripts(of: part.rawValue))
        }
    }

    private static func scripts(of part: String?) -> [Snapshot.Script] {
        let all = unsafe UnsafeBufferPointer(start: cprelude_scripts, count: cprelude_script_count)
        return unsafe all.filter { unsafe $0.part.map { unsafe String(cString: $0) } == part }.map { script in
            unsafe Snapshot.Script(
                name: String(cString: script.name),
                source: Array(UnsafeBufferPointer(start: script.bytes, count: script.count)))
        }
    }

    /// Makes the startup snapshot.
    public static func makeSnapshot(_ engine: Engine) throws(EngineError) -> Snapshot {
        try Snapshot(engine, scripts: scripts, operations: Operation.allCases.map(\.rawValue), parts: parts)
    }
}
