// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization

/// What comes over a channel, to be read. Holds a window at the most: the session refuses what is more.
final class InboundStream: ByteStream {
    /// What the writer is to be told.
    enum Word: Sendable {
        case used(Int)
        case stopped(HostError?)
        case closed(HostError?)
    }

    private typealias Answer = @Sendable (Result<[UInt8]?, HostError>) -> Void

    private struct State {
        var chunks: [[UInt8]] = []
        /// What was read of the first chunk.
        var place = 0
        var reader: (most: Int, answer: Answer)?
        var hasEnded = false
        var failure: HostError?
    }

    /// Small chunks are joined up to this size, in bytes.
    private static let mostJoined = 16 << 10

    private let state = Mutex(State())
    private let say: @Sendable (Word) -> Void

    init(_ say: @escaping @Sendable (Word) -> Void) { self.say = say }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        let isBusy = state.withLock { state in
            guard state.reader == nil else { return true }
            state.reader = (max(1, count), answer)
            return false
        }
        if isBusy { return answer(.failure(HostError(.conflict, "the stream is read already"))) }
        pass()
    }

    func cancel() { cancel(nil) }

    func cancel(_ error: HostError?) {
        fail(error ?? HostError(.cancelled, "nobody reads on"))
        say(.stopped(error))
    }

    /// All of it is in place, or is not.
    func close(_ error: HostError?) { say(.closed(error)) }

    func deliver(_ bytes: [UInt8], isLast: Bool) {
        let isKept = state.withLock { state in
            guard state.failure == nil else { return false }
            if let last = state.chunks.indices.last, state.chunks[last].count + bytes.count <= Self.mostJoined {
                // Each array has room of its own to pay: a window of single bytes would be many times its size.
                state.chunks[last] += bytes
            } else if !bytes.isEmpty {
                state.chunks.append(bytes)
            }
            state.hasEnded = isLast
            return true
        }
        if isKept { pass() }
    }

    /// Nothing more is read, and what is there is forgotten.
    func fail(_ error: HostError) {
        state.withLock { state in
            if state.failure == nil { state.failure = error }
            state.chunks = []
        }
        pass()
    }

    private func pass() {
        let news = state.withLock { state -> (Answer, Result<[UInt8]?, HostError>, used: Int)? in
            guard let reader = state.reader else { return nil }
            if let failure = state.failure {
                state.reader = nil
                return (reader.answer, .failure(failure), 0)
            }
            guard let first = state.chunks.first else {
                guard state.hasEnded else { return nil }
                state.reader = nil
                return (reader.answer, .success(nil), 0)
            }
            state.reader = nil
            if state.place == 0, first.count <= reader.most {
                state.chunks.removeFirst()
                return (reader.answer, .success(first), first.count)
            }
            let part = Array(first[state.place...].prefix(reader.most))
            state.place += part.count
            if state.place == first.count {
                state.chunks.removeFirst()
                state.place = 0
            }
            return (reader.answer, .success(part), part.count)
        }
        guard let (answer, result, used) = news else { return }
        if used > 0 { say(.used(used)) }
        answer(result)
    }
}
