// SPDX-License-Identifier: Apache-2.0

/// What becomes of times at which a `scheduled` handler could not be called: the server was down, or busy.
public enum MissedRuns: Sendable, Hashable {
    /// Nothing.
    case skip
    /// One run for all of them, for the latest, if that is no older than this: at most a week.
    case once(within: Duration)

    /// Which time to run for, now that this one is due.
    /// - Returns: a time from `due` to `now`, in milliseconds since 1970; `nil` to run not at all.
    func time(of cron: CronExpression, due: Int, now: Int) -> Int? {
        guard due <= now else { return nil }
        let oldest =
            switch self {
            // Being a little late is not to have missed it.
            case .skip: now - 60_000
            case .once(let window): now - Int(min(max(window, .seconds(60)), .seconds(604_800)) / .milliseconds(1))
            }
        var time = due >= oldest ? due : cron.next(after: oldest - 1)
        while let later = time.flatMap(cron.next(after:)), later <= now { time = later }
        return time.flatMap { $0 <= now ? $0 : nil }
    }
}
