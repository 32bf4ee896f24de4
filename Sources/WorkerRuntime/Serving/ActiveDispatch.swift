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
    /// What its isolate held at the most in its turns.
    var memory = MemoryPeak()
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
    /// Nothing else is left that could end it: it listens for its client's leaving.
    var awaitsClient = false
    var hasFailed = false
    var isFinished = false
    /// What its handler threw.
    var outcome = Outcome.ok
    /// What it goes on with after its answer: it is a socket's then.
    let socket: WorkerSocket?
    /// When it could last use as much of the host as a dispatch, by `MonotonicClock`.
    var renewed: UInt64 = 0

    init(_ number: UInt32, _ request: DispatchRequest, _ deployment: WorkerDeployment, isCold: Bool, now: UInt64) {
        self.number = number
        self.request = request
        started = now
        deadline = deployment.limits.wall.map { request.received &+ $0.wholeNanoseconds } ?? .max
        logBytes = deployment.logBytes
        socket = nil
        record = RequestRecord(id: request.id, worker: deployment.name, version: deployment.version)
        record.kind = request.kind
        record.start = isCold ? .cold : .warm
        record.trace = request.trace?.traceText
        record.waitMicroseconds = Int((now &- request.received) / 1000)
        if case .bytes(let bytes) = request.body { record.requestBytes = bytes.count }
    }

    /// The socket that a dispatch opens.
    init(_ number: UInt32, of dispatch: ActiveDispatch, _ socket: WorkerSocket, _ deployment: WorkerDeployment) {
        self.number = number
        self.socket = socket
        request = dispatch.request
        started = MonotonicClock.now
        renewed = started
        deadline = .max
        logBytes = deployment.logBytes
        hasAnswered = true
        record = RequestRecord(id: request.id, worker: deployment.name, version: deployment.version)
        record.kind = .socket
        record.trace = request.trace?.traceText
    }
}

extension Duration {
    /// Whole nanoseconds; below zero none, and centuries are cut short.
    package var wholeNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return seconds > 4_000_000_000
            ? .max / 4 : UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
