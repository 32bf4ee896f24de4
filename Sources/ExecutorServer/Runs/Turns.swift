// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Lets so many through at once for each key; a bounded number of others wait, in the order in which they came.
final class Turns<Key: Hashable & Sendable>: Sendable {
    /// What became of a wish for a turn.
    enum Answer: Sendable, Equatable {
        /// It is taken, and must be given back.
        case taken
        /// Too many wait.
        case full
        /// The task was cancelled meanwhile.
        case cancelled
    }

    private struct Waiter {
        let id: Int
        let continuation: CheckedContinuation<Answer, Never>
    }

    private struct Line {
        var taken = 0
        var waiters: [Waiter] = []
    }

    private struct State {
        var lines: [Key: Line] = [:]
        var nextID = 0
        /// Cancelled before they waited.
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())
    private let atOnce: Int
    private let mostWaiting: Int

    init(atOnce: Int, mostWaiting: Int) {
        self.atOnce = max(1, atOnce)
        self.mostWaiting = max(0, mostWaiting)
    }

    /// How many have a turn, and how many wait, for a key.
    func count(_ key: Key) -> (taken: Int, waiting: Int) {
        state.withLock { state in
            let line = state.lines[key] ?? Line()
            return (line.taken, line.waiters.count)
        }
    }

    /// Waits for a turn.
    func take(_ key: Key) async -> Answer {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in enter(key, Waiter(id: id, continuation: continuation)) }
        } onCancel: {
            cancel(key, id)
        }
        state.withLock { _ = $0.cancelled.remove(id) }
        return answer
    }

    private func enter(_ key: Key, _ waiter: Waiter) {
        let answer = state.withLock { state -> Answer? in
            guard !state.cancelled.contains(waiter.id) else { return .cancelled }
            var line = state.lines[key] ?? Line()
            if line.taken < atOnce {
                line.taken += 1
                state.lines[key] = line
                return .taken
            }
            guard line.waiters.count < mostWaiting else { return .full }
            line.waiters.append(waiter)
            state.lines[key] = line
            return nil
        }
        if let answer { waiter.continuation.resume(returning: answer) }
    }

    private func cancel(_ key: Key, _ id: Int) {
        let waiter = state.withLock { state -> Waiter? in
            guard let place = state.lines[key]?.waiters.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.lines[key]?.waiters.remove(at: place)
        }
        waiter?.continuation.resume(returning: .cancelled)
    }

    /// Gives a turn back, to the one that waits for longest.
    func giveBack(_ key: Key) {
        let next = state.withLock { state -> Waiter? in
            guard var line = state.lines[key] else { return nil }
            defer { state.lines[key] = line.taken == 0 ? nil : line }
            guard line.waiters.isEmpty else { return line.waiters.removeFirst() }
            line.taken -= 1
            return nil
        }
        next?.continuation.resume(returning: .taken)
    }
}
