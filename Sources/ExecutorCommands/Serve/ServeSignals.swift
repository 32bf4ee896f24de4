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
    }

    /// Wishes as they come.
    let stream: AsyncStream<Wish>
    private let sources: Mutex<[any DispatchSourceSignal]>

    init() {
        Glibc.signal(SIGPIPE, SIG_IGN)
        let (stream, continuation) = AsyncStream<Wish>.makeStream()
        self.stream = stream
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
}
