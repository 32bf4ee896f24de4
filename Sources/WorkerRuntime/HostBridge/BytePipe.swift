// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization

/// Bytes from a script to the host: what the script writes, an operation reads. Holds one chunk at the most.
final class BytePipe: ByteSink, ByteStream {
    private typealias ReadAnswer = @Sendable (Result<[UInt8]?, HostError>) -> Void
    private typealias WriteAnswer = @Sendable (Result<Void, HostError>) -> Void

    private struct State {
        var chunk: ArraySlice<UInt8> = []
        var writer: WriteAnswer?
        var reader: (most: Int, answer: ReadAnswer)?
        var isFinished = false
        /// Why nothing passes any more.
        var failure: HostError?
    }

    /// What is to be said once the lock is open.
    private typealias News = [@Sendable () -> Void]

    private let state = Mutex(State())

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        change { state in
            state.reader = (max(1, count), answer)
            return Self.pass(&state)
        }
    }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        change { state in
            state.chunk = bytes[...]
            state.writer = answer
            return Self.pass(&state)
        }
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        change { state in
            state.isFinished = true
            return Self.pass(&state) + [{ answer(.success(())) }]
        }
    }

    func cancel() { fail(HostError(.cancelled, "nobody reads on, or nothing more is written")) }

    /// Nothing passes any more, for this reason.
    func fail(_ error: HostError) {
        change { state in
            if state.failure == nil { state.failure = error }
            return Self.pass(&state)
        }
    }

    private func change(_ body: (inout State) -> News) {
        let news = state.withLock { body(&$0) }
        for tell in news { tell() }
    }

    /// Lets through what can pass.
    private static func pass(_ state: inout State) -> News {
        var news: News = []
        if let failure = state.failure {
            if let reader = state.reader { news.append { reader.answer(.failure(failure)) } }
            if let writer = state.writer { news.append { writer(.failure(failure)) } }
            (state.reader, state.writer, state.chunk) = (nil, nil, [])
            return news
        }
        if let reader = state.reader, !state.chunk.isEmpty {
            let part = Array(state.chunk.prefix(reader.most))
            state.chunk = state.chunk.dropFirst(part.count)
            state.reader = nil
            news.append { reader.answer(.success(part)) }
        }
        if state.chunk.isEmpty, let writer = state.writer {
            state.writer = nil
            news.append { writer(.success(())) }
        }
        if let reader = state.reader, state.isFinished {
            state.reader = nil
            news.append { reader.answer(.success(nil)) }
        }
        return news
    }
}
