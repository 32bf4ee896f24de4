// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization

/// What is written to a channel, as far as there is credit. Holds one chunk, whose writer waits for its end.
final class OutboundSink: ByteSink {
    /// What the reader is to be told.
    enum Word: Sendable {
        /// Answers how much was written; `nil`: nothing may be written any more.
        case write(ArraySlice<UInt8>, isLast: Bool)
        case reset(HostError)
    }

    private typealias Answer = @Sendable (Result<Void, HostError>) -> Void

    private struct State {
        var rest: ArraySlice<UInt8> = []
        var writer: Answer?
        var isFinishing = false
        var isFinished = false
        var failure: HostError?
        var onStop: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let awaitsClose: Bool
    private let say: @Sendable (Word) -> Int?

    init(awaitsClose: Bool, _ say: @escaping @Sendable (Word) -> Int?) {
        self.awaitsClose = awaitsClose
        self.say = say
    }

    /// Runs when the reader stops, or the connection ends, before all was written; at once if that has been.
    func onStop(_ handler: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if state.failure == nil { state.onStop = handler }
            return state.failure != nil
        }
        if isLate { handler() }
    }

    func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        begin(bytes[...], finishes: false, answer)
    }

    func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        begin([], finishes: true, answer)
    }

    /// Writes the last bytes.
    func finish(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
        begin(bytes[...], finishes: true, answer)
    }

    func cancel() { cancel(HostError(.cancelled, "what was written does not count")) }

    func cancel(_ error: HostError) {
        guard state.withLock({ !$0.isFinished && $0.failure == nil }) else { return }
        stop(error)
        _ = say(.reset(error))
    }

    private func begin(_ bytes: ArraySlice<UInt8>, finishes: Bool, _ answer: @escaping Answer) {
        let error = state.withLock { state -> HostError? in
            if let failure = state.failure { return failure }
            guard state.writer == nil, !state.isFinishing else {
                return HostError(.conflict, "the stream is written already, or at its end")
            }
            (state.rest, state.writer, state.isFinishing) = (bytes, answer, finishes)
            return nil
        }
        if let error { return answer(.failure(error)) }
        proceed()
    }

    /// There may be credit.
    func proceed() {
        // The order of the bytes is the order of the calls inside of the lock: it is held while they are written.
        let news = state.withLock { state -> (Answer, Result<Void, HostError>)? in
            guard let writer = state.writer, state.failure == nil, !state.isFinished else { return nil }
            // Nobody reads on: why, `stop` is about to say.
            guard let count = say(.write(state.rest, isLast: state.isFinishing)) else { return nil }
            state.rest = state.rest.dropFirst(count)
            guard state.rest.isEmpty else { return nil }
            if state.isFinishing {
                // An empty end needs no credit.
                state.isFinished = true
                if awaitsClose { return nil }
                state.onStop = nil
            }
            state.writer = nil
            return (writer, .success(()))
        }
        if let (writer, result) = news { writer(result) }
    }

    /// The reader has stopped, or the connection has ended.
    func stop(_ error: HostError) {
        let (writer, handler) = state.withLock { state -> (Answer?, (@Sendable () -> Void)?) in
            guard state.failure == nil else { return (nil, nil) }
            state.failure = error
            defer { (state.writer, state.onStop, state.rest) = (nil, nil, []) }
            return (state.writer, state.onStop)
        }
        writer?(.failure(error))
        handler?()
    }

    /// The reader has put all in place, or could not.
    func close(_ error: HostError?) {
        let writer = state.withLock { state -> Answer? in
            defer { (state.writer, state.onStop) = (nil, nil) }
            return state.writer
        }
        writer?(error.map { .failure($0) } ?? .success(()))
    }
}
