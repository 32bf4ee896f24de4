// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// A client's WebSocket whose worker is on a shard: what it uses of the host, and its record.
final class ShardedSocket: Sendable {
    private struct State {
        /// What it used before its scope was renewed.
        var usage = Usage()
        var renewed = MonotonicClock.now
    }

    let socket: RemoteSocket
    private let opened = MonotonicClock.now
    private let state = Mutex(State())

    /// Where dispatches have no limit of time.
    private static let time = Duration.seconds(30)

    init(_ socket: RemoteSocket) { self.socket = socket }

    /// How long ago it was opened, in microseconds.
    var age: Int { Int((MonotonicClock.now &- opened) / 1000) }

    /// Takes over from the dispatch that opened it, whose record has what was used up to now.
    func take(_ scope: CallScope) {
        var usage = Usage()
        scope.renew(addingTo: &usage)
    }

    /// With each message as much may be used as by a dispatch.
    func renew(_ scope: CallScope) {
        state.withLock { state in
            state.renewed = MonotonicClock.now
            scope.renew(addingTo: &state.usage)
        }
    }

    /// One whose timers do what there is to do may use as much in each of the times that a dispatch may take.
    func renew(_ scope: CallScope, every time: Duration?) {
        let time = (time ?? Self.time).wholeNanoseconds
        if MonotonicClock.now &- state.withLock({ $0.renewed }) > time { renew(scope) }
    }

    /// Its record, of what there was before anything came of it.
    /// - Parameter report: `nil`: its shard has ended.
    func record(_ base: RequestRecord, _ report: DispatchReport?, _ scope: CallScope?) -> RequestRecord {
        var record = base
        record.kind = .socket
        record.requestBytes = 0
        record.usage = state.withLock { $0.usage }
        scope?.add(to: &record.usage)
        if let report {
            report.complete(&record)
        } else {
            record.outcome = .internalError
            record.status = 1011
            record.error = "the worker's process has ended"
            record.usage.wallMicroseconds = age
        }
        return record
    }
}
