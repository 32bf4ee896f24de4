// SPDX-License-Identifier: Apache-2.0

/// The life of one shard's processes, as a value: when to start one, when to give one up, how long to wait before the
/// next. Times are of a monotonic clock, in nanoseconds.
struct ShardLife: Sendable {
    /// How long things may take.
    struct Rules: Sendable {
        /// From the start of a process until it takes requests.
        var startTime: UInt64 = 10_000_000_000
        /// Without a word from a process that takes requests.
        var silence: UInt64 = 600_000_000
        /// Before a process is started again that ended soon; doubled each time.
        var firstDelay: UInt64 = 100_000_000
        /// The longest such delay.
        var mostDelay: UInt64 = 10_000_000_000
        /// A process that took requests for so long did not end soon.
        var soon: UInt64 = 30_000_000_000
        /// A process is replaced when it is older; 0: never.
        var mostAge: UInt64 = 24 * 3_600_000_000_000
        /// A process is replaced when it has lost so many threads.
        var mostParkedThreads = 8
        /// A process is replaced when its connection has fewer ids left.
        var leastIDs = 1 << 26
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
    }

    let rules: Rules
    private(set) var phase = Phase.waiting(until: 0)
    /// Processes that ended soon, one after another; one that served for long begins anew with 1.
    private(set) var earlyEnds = 0
    private var servingSince: UInt64?
    private var parkedThreads = 0
    private var idsLeft = Int.max
    private var isOld = false

    init(_ rules: Rules = Rules()) { self.rules = rules }

    /// What is to be done now; each thing is said once.
    mutating func next(at now: UInt64) -> Action? {
        switch phase {
        case .waiting(let until):
            guard now >= until else { return nil }
            phase = .starting(since: now)
            (servingSince, parkedThreads, idsLeft, isOld) = (nil, 0, .max, false)
            return .start
        case .starting(let since):
            guard now >= since + rules.startTime else { return nil }
            phase = .ending
            return .kill(why: "it did not take requests \(rules.startTime / 1_000_000) ms after its start")
        case .serving(let since, let heard):
            if now >= heard + rules.silence {
                phase = .ending
                return .kill(why: "nothing was heard of it for \(rules.silence / 1_000_000) ms")
            }
            guard !isOld else { return nil }
            if rules.mostAge > 0, now >= since + rules.mostAge {
                isOld = true
                return .replace(why: "it is \(rules.mostAge / 1_000_000_000) s old")
            }
            if parkedThreads >= rules.mostParkedThreads {
                isOld = true
                return .replace(why: "it has lost \(parkedThreads) threads")
            }
            if idsLeft < rules.leastIDs {
                isOld = true
                return .replace(why: "its connection has few ids left")
            }
            return nil
        case .ending: return nil
        }
    }

    /// When `next(at:)` has something to say at the earliest, if nothing happens before; `nil`: never.
    var due: UInt64? {
        switch phase {
        case .waiting(let until): until
        case .starting(let since): since + rules.startTime
        case .serving(let since, let heard):
            isOld || rules.mostAge == 0 ? heard + rules.silence : min(heard + rules.silence, since + rules.mostAge)
        case .ending: nil
        }
    }

    /// It takes requests.
    mutating func isReady(at now: UInt64) {
        guard case .starting = phase else { return }
        phase = .serving(since: now, heard: now)
        servingSince = now
    }

    /// A word of it has come.
    mutating func heard(at now: UInt64, parkedThreads: Int? = nil, idsLeft: Int? = nil) {
        if case .serving(let since, _) = phase { phase = .serving(since: since, heard: now) }
        if let parkedThreads { self.parkedThreads = parkedThreads }
        if let idsLeft { self.idsLeft = idsLeft }
    }

    /// Its process is gone, or is to be given up.
    mutating func ended(at now: UInt64) {
        if let servingSince, now >= servingSince + rules.soon { earlyEnds = 1 } else { earlyEnds += 1 }
        // The first is replaced at once: what ended it may never come again.
        let doublings = min(earlyEnds - 2, 32)
        let delay = doublings < 0 ? 0 : min(rules.mostDelay, rules.firstDelay << UInt64(doublings))
        phase = .waiting(until: now + delay)
    }
}
