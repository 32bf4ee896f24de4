// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// One who watches a worker: events wait here, up to a bound, until they are taken.
final class LogSubscriber: Sendable {
    /// What waits.
    struct Batch: Sendable {
        var events: [WorkerEvent] = []
        /// Events that came after these and were lost.
        var dropped = 0
        /// Nothing comes after it.
        var isLast = false
    }

    private struct State {
        var batch = Batch()
        var bytes = 0
    }

    private let state = Mutex(State())
    private let mostEvents: Int
    private let mostBytes: Int
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(_ options: WorkerLogs.Options) {
        mostEvents = max(1, options.waitingEvents)
        mostBytes = options.waitingBytes
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func take(_ event: WorkerEvent, _ size: Int) {
        let isFirst = state.withLock { state in
            guard !state.batch.isLast else { return false }
            // Once something is lost, all is until the loss can be told: what is shown has no hidden gaps.
            let fits = state.batch.events.count < mostEvents && state.bytes + size <= mostBytes
            guard state.batch.dropped == 0, fits || state.batch.events.isEmpty else {
                state.batch.dropped += 1
                return false
            }
            state.batch.events.append(event)
            state.bytes += size
            return state.batch.events.count == 1
        }
        if isFirst { signal.yield() }
    }

    /// Nothing comes after what waits now.
    func end() {
        state.withLock { $0.batch.isLast = true }
        signal.yield()
    }

    /// Lets whoever waits look, though nothing came.
    func wake() { signal.yield() }

    /// Takes everything that waits.
    func batch() -> Batch {
        state.withLock { state in
            defer {
                state.bytes = 0
                state.batch = Batch(isLast: state.batch.isLast)
            }
            return state.batch
        }
    }

    /// Comes each time that something waits or somebody woke it.
    var news: AsyncStream<Void> { signals }
}
