// SPDX-License-Identifier: Apache-2.0
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// Prints what the worker logs and what it is asked, as `rookery logs` does, and keeps what was uncaught for the answer.
final class DevConsole: WorkerObserver {
    private static let mark = "Uncaught "
    private let uncaught = Mutex<[UInt64: String]>([:])

    func observe(_ line: WorkerLogLine) {
        StandardError.write(LogText.of(line))
        // Comes before the dispatch's failure; the record, which ends what is kept, comes after it.
        guard line.id != 0, line.level == "error", line.message.hasPrefix(Self.mark) else { return }
        uncaught.withLock { $0[line.id] = String(line.message.dropFirst(Self.mark.count)) }
    }

    func observe(_ record: RequestRecord) {
        uncaught.withLock { $0[record.id] = nil }
        var record = record
        // It was a line already.
        if record.outcome == .exception { (record.error, record.stack) = (nil, nil) }
        StandardError.write(LogText.of(record))
    }

    /// What a dispatch threw.
    func takeUncaught(_ id: UInt64) -> String? { uncaught.withLock { $0.removeValue(forKey: id) } }
}
