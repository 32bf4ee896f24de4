// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization

/// What an operator tells a server by signals.
final class ServeSignals: Sendable {
    /// What is wanted.
    enum Wish: Sendable {
        case stop
        case reload
        /// To stop, and to be started again.
        case restart
    }

    /// Wishes as they come.
    let stream: AsyncStream<Wish>
    private let continuation: AsyncStream<Wish>.Continuation
    private let sources: Mutex<[any DispatchSourceSignal]>

    init() {
        Glibc.signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream<Wish>.makeStream()
        self.stream = stream
        self.continuation = continuation
        sources = Mutex([])
        for (number, wish) in [(SIGINT, Wish.stop), (SIGTERM, .stop), (SIGHUP, .reload)] {
            Glibc.signal(number, SIG_IGN)
            sources.withLock { sources in
                let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
                source.setEventHandler { continuation.yield(wish) }
                source.activate()
                sources.append(source)
            }
        }
    }

    /// A wish that is no signal. From any thread.
    func wish(_ wish: Wish) { continuation.yield(wish) }
}
