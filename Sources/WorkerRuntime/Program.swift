// SPDX-License-Identifier: Apache-2.0
package import HostAPI
package import Isolates
package import WorkerTypes

/// A program to run once.
package struct Program: Sendable {
    /// A classic script to evaluate in the same context before the module.
    package struct Preload: Sendable {
        package let url: ModuleURL
        package let source: [UInt8]

        package init(url: ModuleURL, source: [UInt8]) {
            self.url = url
            self.source = source
        }
    }

    package var entry: ModuleKey
    /// What crash reports and observers call it.
    package var name: String
    package var preloads: [Preload] = []
    package var limits = Limits.standard
    /// What `process.argv` shows after the program's file.
    package var arguments: [String] = []
    /// What `process.env` shows.
    package var environment: [(name: String, value: String)] = []
    /// Where it is a worker: what it is asked.
    package var request: WorkerRequest?
    package var freezesClock = false
    /// What `crypto`'s random numbers follow from; `nil`: nothing.
    package var seed: UInt64?
    /// What it was granted.
    package var bindings: [HostBinding] = []
    /// What it may use of that.
    package var hostLimits = HostLimits.standard
    /// Hears of its calls to the host.
    package var hostObserver: (any HostObserver)?
    /// The number that its calls to the host have, where whoever performs them needs one.
    package var dispatch: UInt64 = 0

    package init(entry: ModuleKey) {
        self.entry = entry
        name = entry.url.text
    }
}

/// A line that a script gave to console.
package struct ConsoleLine: Sendable {
    /// log, info, debug, warn or error.
    package let level: String
    package let message: String
    /// Milliseconds since the run started.
    package let time: Double

    package init(level: String, message: String, time: Double) {
        self.level = level
        self.message = message
        self.time = time
    }
}

/// How a run ended and what it used.
package struct RunRecord: Sendable {
    package var outcome: Outcome
    /// The default export, where it is JSON.
    package var value: ScriptValue?
    package var exception: ScriptException?
    /// The uncaught value as console would show it.
    package var shownException = ""
    /// Who imports the module that failed, from the nearest on.
    package var importedFrom: [String] = []
    /// A `Terminator` ended the run.
    package var wasInterrupted = false
    package var usage = Usage()
    /// The limits of which the run used 80 % and more.
    package var approached: LimitSet = []
    /// Why the run's thread was parked, if it was.
    package var loss: Loss?
}
