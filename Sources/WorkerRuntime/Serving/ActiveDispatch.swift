// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
internal import WorkerTypes

/// One dispatch under way.
///
/// Unchecked: it belongs to the thread that runs its isolate; whoever ends it in its place takes it from the table first.
final class ActiveDispatch: @unchecked Sendable {
    let number: UInt32
    let request: DispatchRequest
    var record: RequestRecord
    /// CPU time so far, in nanoseconds.
    var cpu: UInt64 = 0
    let started: UInt64
    /// When it must be over, by `MonotonicClock`; the greatest value: never.
    let deadline: UInt64
    /// Bytes of console lines that are left.
    var logBytes: Int
    /// Who pays for its calls; made with the first one.
    var scope: CallScope?
    /// Its client has an answer, or the head of one.
    var hasAnswered = false
    /// Its answer's body is still written.
    var isStreaming = false
    /// Bytes of a body that is streamed.
    var requestBytes: SharedCount?
    var responseBytes: SharedCount?
    var hasFailed = false
    var isFinished = false
    /// What its handler threw.
    var outcome = Outcome.ok

    init(_ number: UInt32, _ request: DispatchRequest, _ deployment: WorkerDeployment, isCold: Bool, now: UInt64) {
        self.number = number
        self.request = request
        started = now
        deadline = deployment.limits.wall.map { request.received &+ $0.wholeNanoseconds } ?? .max
        logBytes = deployment.logBytes
        record = RequestRecord(id: request.id, worker: deployment.name, version: deployment.version)
        record.kind = request.kind
        record.start = isCold ? .cold : .warm
        record.trace = request.trace
        record.waitMicroseconds = Int((now &- request.received) / 1000)
        if case .bytes(let bytes) = request.body { record.requestBytes = bytes.count }
    }
}

extension Duration {
    /// Whole nanoseconds; below zero none, and centuries are cut short.
    var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return seconds > 4_000_000_000
            ? .max / 4 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
