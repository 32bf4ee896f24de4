// SPDX-License-Identifier: Apache-2.0
public import WorkerRuntime
public import WorkerTypes

/// Tells what workers do to everybody who wants to know: metrics, live logs, and the log of records.
public struct ExecutorObserver: WorkerObserver {
    private let metrics: RequestMetrics
    private let logs: WorkerLogs
    private let log: RecordLog?

    /// - Parameter log: `nil` writes no log.
    public init(metrics: RequestMetrics, logs: WorkerLogs, log: RecordLog? = nil) {
        self.metrics = metrics
        self.logs = logs
        self.log = log
    }

    /// A line for console.
    public func observe(_ line: WorkerLogLine) {
        metrics.observe(line)
        logs.observe(line)
        log?.observe(line)
    }

    /// A dispatch is over.
    public func observe(_ record: RequestRecord) {
        metrics.observe(record)
        logs.observe(record)
        log?.observe(record)
    }
}
