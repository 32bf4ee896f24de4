// SPDX-License-Identifier: Apache-2.0
internal import Isolates
internal import Synchronization
internal import WorkerTypes

/// Blank isolates in stock, made between turns: a cold worker begins with one instead of waiting for it.
final class BlankSupply: PoolItem {
    private struct State {
        var stock: [BlankIsolate] = []
        /// Of the kind that was asked for last.
        var limits: Limits?
        var isQueued = false
        var isStopped = false
    }

    private let host: IsolateHost
    private let pool: IsolatePool
    private let most: Int
    private let state = Mutex(State())
    private let thread = Atomic(0)

    init(_ host: IsolateHost, _ pool: IsolatePool, most: Int) {
        self.host = host
        self.pool = pool
        self.most = most
    }

    /// Whether one is being made, or about to be.
    var isBusy: Bool { state.withLock { $0.isQueued } }

    /// Isolates in stock.
    var count: Int { state.withLock { $0.stock.count } }

    /// One of this kind, if there is one. Another is made for it.
    func take(_ limits: Limits) -> BlankIsolate? {
        guard most > 0 else { return nil }
        let kind = BlankIsolate.Kind(limits)
        let (blank, queues) = state.withLock { state -> (BlankIsolate?, Bool) in
            guard !state.isStopped else { return (nil, false) }
            if state.limits.map(BlankIsolate.Kind.init) != kind {
                // Most workers are of one kind. Where kinds take turns, the stock of one is of no use to the next.
                guard state.stock.isEmpty else { return (nil, false) }
                state.limits = limits
            }
            defer { state.isQueued = true }
            return (state.stock.popLast(), !state.isQueued)
        }
        if queues { pool.add(self) }
        return blank
    }

    func run(on number: Int) -> Bool {
        thread.store(number, ordering: .relaxed)
        let limits = state.withLock { $0.stock.count < most && !$0.isStopped ? $0.limits : nil }
        let isMade = limits.map { make($0) } ?? false
        // Where none could be made, the next request tries again.
        return state.withLock { state in
            state.isQueued = isMade && state.stock.count < most && !state.isStopped
            return state.isQueued
        }
    }

    private func make(_ limits: Limits) -> Bool {
        let made = try? BlankIsolate(host, limits: limits) { [weak self] in
            guard let self else { return }
            pool.lose(thread.load(ordering: .relaxed))
        }
        guard let made else { return false }
        return state.withLock { state in
            // Given back at the end of this function, while the supply still says that it is busy.
            guard !state.isStopped else { return false }
            state.stock.append(made)
            return true
        }
    }

    /// Gives them back, and makes no others.
    func stop() {
        let stock = state.withLock { state in
            state.isStopped = true
            defer { state.stock = [] }
            return state.stock
        }
        withExtendedLifetime(stock) {}
    }
}
