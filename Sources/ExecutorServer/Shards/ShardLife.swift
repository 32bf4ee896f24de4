// SPDX-License-Identifier: Apache-2.0

/// The life of one shard's processes, as a value: when to start one, when to give one up, how long to wait before the
/// next. Times are of a monotonic clock, in nanoseconds.
struct ShardLife: Sendable {
    /// How long things may take.
    struct Rules: Sendable {
        /// From the start of a process until it takes requests.
        var startTime: UInt64 = 10_000_000_000
        /// Without a word from a process that takes requests, where a signal has stopped it.
        var silence: UInt64 = 300_000_000
        /// The same where it runs: it may have to wait long for a core, or for memory.
        var longSilence: UInt64 = 3_000_000_000
        /// Before a process is started again that ended soon; doubled each time.
        var firstDelay: UInt64 = 100_000_000
        /// The longest such delay.
        var mostDelay: UInt64 = 10_000_000_000
        /// A process that took requests for so long did not end soon.
        var soon: UInt64 = 30_000_000_000
        /// A process is replaced when it is older; 0: never.
        var mostAge: UInt64 = 24 * 3_600_000_000_000
        /// A process is replaced when it has lost so many threads. A thread may be lost with a lock of the engine held,
        /// for which in time all others wait.
        var mostParkedThreads = 1
        /// A process is replaced when its connection has fewer ids left for what is under way.
        var leastIDs = 1 << 24
    }

    enum Phase: Sendable, Equatable {
        /// There is no process, and none is wanted before this time.
        case waiting(until: UInt64)
        /// A process was started, and does not take requests yet.
        case starting(since: UInt64)
        /// A process takes requests.
        case serving(since: UInt64, heard: UInt64)
        /// A process was told to end, or killed.
        case ending
    }

    /// What is to be done.
    enum Action: Sendable, Equatable {
        case start
        /// It hangs: kill it.
        case kill(why: String)
        /// It serves well, but a new one would be better: start that first, then let this one come to its end.
        case replace(why: String)
        /// The one that was to take its place does not come up: kill that.
        case giveUp(why: String)
    }

    /// How far a process is that is to take the place of one that serves well.
    private enum Replacement: Sendable {
        /// None is there; before this time none is wanted.
        case none(until: UInt64)
        case starting(since: UInt64)
    }

    let rules: Rules
    private(set) var phase = Phase.waiting(until: 0)
    /// Processes that ended soon, one after another; one that served for long begins anew with 1.
    private(set) var earlyEnds = 0
    private var servingSince: UInt64?
    private var parkedThreads = 0
    private var idsLeft = Int.max
    private var replacement = Replacement.none(until: 0)

    init(_ rules: Rules = Rules()) { self.rules = rules }

    /// What is to be done now; each thing is said once.
    /// - Parameter isHalted: whether a signal has stopped the process; asked where it is silent.
    mutating func next(at now: UInt64, isHalted: () -> Bool = { false }) -> Action? {
        switch phase {
        case .waiting(let until):
            guard now >= until else { return nil }
            phase = .starting(since: now)
            servingSince = nil
            return .start
        case .starting(let since):
            guard now >= since + rules.startTime else { return nil }
            phase = .ending
            return .kill(why: "it did not take requests \(rules.startTime / 1_000_000) ms after its start")
        case .serving(let since, let heard):
            if now >= heard + rules.silence {
                let isHalted = isHalted()
                if isHalted || now >= heard + rules.longSilence {
                    phase = .ending
                    let why = "nothing was heard of it for \((now - heard) / 1_000_000) ms"
                    return .kill(why: isHalted ? why + ", since a signal has stopped it" : why)
                }
            }
            switch replacement {
            case .none(let until):
                guard now >= until, let why = whyReplace(since, now) else { return nil }
                replacement = .starting(since: now)
                return .replace(why: why)
            case .starting(let since):
                guard now >= since + rules.startTime else { return nil }
                replacementEnded(at: now)
                return .giveUp(why: "it did not take requests \(rules.startTime / 1_000_000) ms after its start")
            }
        case .ending: return nil
        }
    }

    private func whyReplace(_ since: UInt64, _ now: UInt64) -> String? {
        if rules.mostAge > 0, now >= since + rules.mostAge { return "it is \(rules.mostAge / 1_000_000_000) s old" }
        if parkedThreads >= rules.mostParkedThreads {
            return "it has lost \(parkedThreads == 1 ? "a thread" : "\(parkedThreads) threads")"
        }
        if idsLeft < rules.leastIDs { return "its connection has few ids left" }
        return nil
    }

    /// When `next(at:)` has something to say at the earliest, if nothing happens before; `nil`: never.
    var due: UInt64? {
        switch phase {
        case .waiting(let until): until
        case .starting(let since): since + rules.startTime
        case .serving(let since, let heard):
            switch replacement {
            case .starting(let since): min(heard + rules.silence, since + rules.startTime)
            case .none(let until):
                rules.mostAge == 0
                    ? heard + rules.silence : min(heard + rules.silence, max(until, since + rules.mostAge))
            }
        case .ending: nil
        }
    }

    /// It takes requests.
    mutating func isReady(at now: UInt64) {
        guard case .starting = phase else { return }
        serve(since: now)
    }

    /// The process that was to take the place of the one that serves takes requests: it is the one from now on.
    mutating func isReplaced(at now: UInt64) {
        serve(since: now)
        earlyEnds = 0
    }

    /// The process that was to take the place of the one that serves is gone, or is to be given up; another is tried
    /// later.
    mutating func replacementEnded(at now: UInt64) { replacement = .none(until: now + rules.mostDelay) }

    private mutating func serve(since now: UInt64) {
        phase = .serving(since: now, heard: now)
        servingSince = now
        (parkedThreads, idsLeft, replacement) = (0, .max, .none(until: 0))
    }

    /// A word of it has come.
    mutating func heard(at now: UInt64, parkedThreads: Int? = nil, idsLeft: Int? = nil) {
        if case .serving(let since, _) = phase { phase = .serving(since: since, heard: now) }
        if let parkedThreads { self.parkedThreads = parkedThreads }
        if let idsLeft { self.idsLeft = idsLeft }
    }

    /// Nobody listened for so long: what it may have said meanwhile is still to be heard.
    mutating func excuse(_ time: UInt64) {
        if case .serving(let since, let heard) = phase { phase = .serving(since: since, heard: heard + time) }
    }

    /// Its process is gone, or is to be given up. One that was to take its place is the one from now on.
    mutating func ended(at now: UInt64) {
        if let servingSince, now >= servingSince + rules.soon { earlyEnds = 1 } else { earlyEnds += 1 }
        if case .starting(let since) = replacement {
            (phase, servingSince, replacement) = (.starting(since: since), nil, .none(until: 0))
            return
        }
        // The first is replaced at once: what ended it may never come again.
        let doublings = min(earlyEnds - 2, 32)
        let delay = doublings < 0 ? 0 : min(rules.mostDelay, rules.firstDelay << UInt64(doublings))
        phase = .waiting(until: now + delay)
    }
}
