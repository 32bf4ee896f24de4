// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import SQLiteFiles
public import WorkerTypes

/// A run of a `scheduled` handler that is to be made now.
public struct ScheduledRun: Sendable, Hashable {
    /// Whose handler.
    public let worker: WorkerName
    /// The expression, as it was written.
    public let cron: String
    /// The time that it is for, in milliseconds since 1970: not later than the time at which it was taken.
    public let time: Int
    fileprivate let id: Int
    fileprivate let started: Int
}

/// Runs that are due.
public struct DueRuns: Sendable, Hashable {
    /// To be made now.
    public let runs: [ScheduledRun]
    /// When to ask again, in milliseconds since 1970; it may be now. `nil` where nothing is scheduled.
    public let next: Int?
}

/// How a run of a `scheduled` handler ended.
public enum RunOutcome: Sendable, Hashable, CustomStringConvertible {
    /// As a dispatch does.
    case finished(Outcome)
    /// The process ended.
    case interrupted

    /// The name of the outcome.
    public var description: String {
        switch self {
        case .finished(let outcome): outcome.rawValue
        case .interrupted: "interrupted"
        }
    }

    init?(_ name: String) {
        if name == "interrupted" {
            self = .interrupted
        } else if let outcome = Outcome(rawValue: name) {
            self = .finished(outcome)
        } else {
            return nil
        }
    }
}

extension WorkerRegistry {
    /// Takes up to `limit` runs that are due, each of which is made at most once: before this returns it is on the
    /// disk that they were started. One whose last run goes on is not taken, and counts as missed.
    public func takeDueRuns(limit: Int = 100) async throws(RegistryError) -> DueRuns {
        let (now, policy) = (options.now(), options.missedRuns)
        let next = try await nextDue()
        guard let next, next <= now else { return DueRuns(runs: [], next: next) }
        return try await write { db in
            let due = try db.rows(
                """
                SELECT schedule.id, name, cron, due, running FROM schedule JOIN workers ON workers.id = worker
                WHERE due <= ? ORDER BY due, schedule.id LIMIT ?
                """, [now, min(max(1, limit), 10_000)]
            ) { row in
                (
                    id: try row.integer(0), worker: try row.workerName(1), cron: try row.text(2),
                    due: try row.integer(3), running: try row.optionalInteger(4)
                )
            }
            var runs: [ScheduledRun] = []
            for entry in due {
                let cron = try CronExpression(entry.cron)
                let time = entry.running == nil ? policy.time(of: cron, due: entry.due, now: now) : nil
                try db.change(
                    """
                    UPDATE schedule SET due = ?1, running = iif(?2 IS NULL, running, ?3),
                    running_time = coalesce(?2, running_time), missed = missed + (?2 IS NULL) WHERE id = ?4
                    """, [cron.next(after: now), time, now, entry.id])
                guard let time else { continue }
                runs.append(
                    ScheduledRun(worker: entry.worker, cron: entry.cron, time: time, id: entry.id, started: now))
            }
            return DueRuns(runs: runs, next: try Self.nextDue(db))
        }
    }

    /// When a run is due next, in milliseconds since 1970; `nil` where nothing is scheduled.
    public func nextDue() async throws(RegistryError) -> Int? { try await read(Self.nextDue) }

    /// Records how runs ended: the next ones may be taken.
    public func finish(_ runs: [(run: ScheduledRun, outcome: Outcome)]) async throws(RegistryError) {
        let now = options.now()
        try await write { db in
            for (run, outcome) in runs {
                try Self.end(db, "id = ? AND running = ?", [run.id, run.started], now: now, .finished(outcome))
            }
        }
    }

    /// Runs of the process before are over: whether they did their work is not known, so they are not made again.
    static func endInterruptedRuns(_ db: Database, now: Int) throws {
        try end(db, "running IS NOT NULL", [], now: now, .interrupted)
    }

    private static func end(
        _ db: Database, _ which: String, _ arguments: StatementArguments, now: Int, _ outcome: RunOutcome
    ) throws {
        try db.change(
            """
            UPDATE schedule SET last_time = running_time, last_started = running, last_finished = ?, last_outcome = ?,
            running = NULL WHERE \(which)
            """, [now, outcome.description] + arguments)
        try db.change("DELETE FROM schedule WHERE due IS NULL AND running IS NULL")
    }

    /// Makes these the expressions of a worker. One that it had before keeps its times.
    static func setSchedule(_ db: Database, _ crons: [CronExpression], of worker: Int, now: Int) throws {
        let wanted = crons.map(\.description)
        let present = try db.rows("SELECT cron, due FROM schedule WHERE worker = ?", [worker]) { row in
            (cron: try row.text(0), due: try row.optionalInteger(1))
        }
        for row in present where !wanted.contains(row.cron) {
            // The row of a run that goes on stays, so that another one cannot begin beside it.
            try db.change("UPDATE schedule SET due = NULL WHERE worker = ? AND cron = ?", [worker, row.cron])
        }
        try db.change("DELETE FROM schedule WHERE worker = ? AND due IS NULL AND running IS NULL", [worker])
        for cron in crons where !present.contains(where: { $0.cron == cron.description && $0.due != nil }) {
            try db.change(
                """
                INSERT INTO schedule (worker, cron, due) VALUES (?, ?, ?)
                ON CONFLICT (worker, cron) DO UPDATE SET due = excluded.due
                """, [worker, cron.description, cron.next(after: now)])
        }
    }

    private static func nextDue(_ db: Database) throws -> Int? {
        try db.row("SELECT min(due) FROM schedule WHERE due IS NOT NULL") { row in try row.optionalInteger(0) } ?? nil
    }

    static func schedule(_ db: Database, of worker: Int) throws -> [CronStatus] {
        try db.rows(
            """
            SELECT cron, due, running, last_time, last_started, last_finished, last_outcome, missed FROM schedule
            WHERE worker = ? ORDER BY id
            """, [worker]
        ) { row in
            var last: FinishedRun?
            if let time = try row.optionalInteger(3), let started = try row.optionalInteger(4),
                let finished = try row.optionalInteger(5),
                let outcome = try row.optionalText(6).flatMap(RunOutcome.init)
            {
                last = FinishedRun(time: time, started: started, finished: finished, outcome: outcome)
            }
            return CronStatus(
                cron: try row.text(0), due: try row.optionalInteger(1), running: try row.optionalInteger(2), last: last,
                missed: try row.integer(7))
        }
    }
}
