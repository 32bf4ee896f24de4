// SPDX-License-Identifier: Apache-2.0

/// A version of a worker, without its content.
public struct VersionSummary: Sendable, Hashable {
    /// Never another version of any worker of this registry: what is cached by it stays right.
    public let id: Int
    /// From 1; every version of a worker has a higher one than those before it.
    public let number: Int
    /// When it was deployed, in milliseconds since 1970.
    public let created: Int
    /// SHA-256, in hexadecimal, of everything but the values of secrets: the same where the content is.
    public let hash: String
    /// The bytes of all sources.
    public let sourceBytes: Int
}

/// A version of a worker with all it needs to run.
public struct WorkerVersion: Sendable, Hashable {
    /// Whose it is.
    public let worker: WorkerName
    /// What is known of it.
    public let summary: VersionSummary
    /// Its content, with the values of secrets.
    public let manifest: WorkerManifest
}

/// A worker, as it is listed.
public struct WorkerSummary: Sendable, Hashable {
    /// Its name.
    public let name: WorkerName
    /// When it was first deployed, in milliseconds since 1970.
    public let created: Int
    /// The version in service.
    public let service: VersionSummary
}

/// Workers in the order of their names.
public struct WorkerPage: Sendable, Hashable {
    /// The workers.
    public let workers: [WorkerSummary]
    /// Whether these are all; if not, the next page begins after the last of them.
    public let isComplete: Bool
}

/// Everything about a worker but sources and the values of secrets.
public struct WorkerDetails: Sendable, Hashable {
    /// The worker and its version in service.
    public let summary: WorkerSummary
    /// The bindings, limits, crons and the rest of the version in service; it has no modules.
    public let manifest: WorkerManifest
    /// The names of the modules of the version in service.
    public let modules: [String]
    /// The versions that are kept, the newest first.
    public let versions: [VersionSummary]
    /// When `scheduled` is called and was called.
    public let schedule: [CronStatus]
}

/// What is known of the runs of one cron expression.
public struct CronStatus: Sendable, Hashable {
    /// The expression.
    public let cron: String
    /// When it is due next, in milliseconds since 1970.
    public let due: Int?
    /// Since when a run goes on, in milliseconds since 1970.
    public let running: Int?
    /// The last run that ended.
    public let last: FinishedRun?
    /// Times at which it was not run: the server was down, or the run before still went on.
    public let missed: Int
}

/// A run of a `scheduled` handler that is over.
public struct FinishedRun: Sendable, Hashable {
    /// The time that it was for, in milliseconds since 1970.
    public let time: Int
    /// When it began, in milliseconds since 1970.
    public let started: Int
    /// When it ended, in milliseconds since 1970.
    public let finished: Int
    /// How it ended.
    public let outcome: RunOutcome
}
