// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization

/// A call that waits in a line.
protocol WaitingCall: Sendable {
    var namespace: String { get }
    /// What it holds, in bytes.
    var bytes: Int { get }
    /// Answers that it failed.
    func fail(_ error: HostError)
}

/// Calls that wait for one of a few workers, in order, and within bounds: of all namespaces together, and a quarter of
/// that for each, so that one does not keep out the others.
final class CallLine<Call: WaitingCall>: Sendable {
    private struct Share {
        var calls = 0
        var bytes = 0
    }

    private struct State {
        /// Those before `head` were taken.
        var waiting: [Call?] = []
        var head = 0
        /// Not answered yet, waiting or not.
        var all = Share()
        var shares: [String: Share] = [:]
        var idleWorkers: [Int]
        var isClosed = false
        var onIdle: [@Sendable () -> Void] = []
    }

    private let mostCalls: Int
    private let mostBytes: Int
    private let workers: Int
    private let state: Mutex<State>

    init(mostCalls: Int, mostBytes: Int, workers: Int) {
        self.mostCalls = mostCalls
        self.mostBytes = mostBytes
        self.workers = workers
        state = Mutex(State(idleWorkers: Array((0..<workers).reversed())))
    }

    /// Adds a call, or has it fail.
    /// - Returns: a worker to be started; `nil` where none is needed.
    func add(_ call: Call) -> Int? {
        let result = state.withLock { state -> Result<Int?, HostError> in
            do throws(HostError) {
                try admit(call, &state)
            } catch {
                return .failure(error)
            }
            state.waiting.append(call)
            return .success(state.idleWorkers.popLast())
        }
        switch result {
        case .success(let worker): return worker
        case .failure(let error):
            call.fail(error)
            return nil
        }
    }

    private func admit(_ call: Call, _ state: inout State) throws(HostError) {
        guard !state.isClosed else { throw HostError(.unavailable, "the store of values was closed") }
        var share = state.shares[call.namespace] ?? Share()
        guard state.all.calls < mostCalls, share.calls < max(1, mostCalls / 4) else { throw Self.busy }
        // Bytes alone never keep out a call that would be the only one.
        guard state.all.bytes == 0 || state.all.bytes + call.bytes <= mostBytes,
            share.bytes == 0 || share.bytes + call.bytes <= mostBytes / 4
        else { throw Self.busy }
        share.calls += 1
        share.bytes += call.bytes
        state.shares[call.namespace] = share
        state.all.calls += 1
        state.all.bytes += call.bytes
    }

    private static var busy: HostError {
        HostError(.unavailable, "too many calls wait for the store of values; try again later, with fewer at a time")
    }

    /// Takes the next calls: at least one where any waits, and others while they hold no more bytes than this.
    /// Of none, the worker is idle from now on.
    func take(_ worker: Int, most: Int, bytes: Int = .max) -> [Call] {
        let (taken, onIdle) = state.withLock { state -> ([Call], [@Sendable () -> Void]) in
            var taken: [Call] = []
            var held = 0
            while taken.count < most, state.head < state.waiting.count, let call = state.waiting[state.head] {
                guard taken.isEmpty || held + call.bytes <= bytes else { break }
                held += call.bytes
                taken.append(call)
                state.waiting[state.head] = nil
                state.head += 1
            }
            if state.head == state.waiting.count || state.head > 4096 {
                state.waiting.removeFirst(state.head)
                state.head = 0
            }
            guard taken.isEmpty else { return (taken, []) }
            state.idleWorkers.append(worker)
            guard state.isClosed, state.idleWorkers.count == workers else { return ([], []) }
            defer { state.onIdle = [] }
            return ([], state.onIdle)
        }
        for tell in onIdle { tell() }
        return taken
    }

    /// A call that was taken goes on later: behind those that wait now.
    func putBack(_ call: Call) { state.withLock { $0.waiting.append(call) } }

    /// These are done; their places are free.
    func finish(_ calls: [Call]) {
        state.withLock { state in
            for call in calls {
                state.all.calls -= 1
                state.all.bytes -= call.bytes
                guard var share = state.shares[call.namespace] else { continue }
                share.calls -= 1
                share.bytes -= call.bytes
                state.shares[call.namespace] = share.calls > 0 ? share : nil
            }
        }
    }

    /// Takes no more calls, and tells when those that wait are done.
    func close(_ onIdle: @escaping @Sendable () -> Void) {
        let isIdle = state.withLock { state in
            state.isClosed = true
            if state.idleWorkers.count == workers { return true }
            state.onIdle.append(onIdle)
            return false
        }
        if isIdle { onIdle() }
    }
}
