// SPDX-License-Identifier: Apache-2.0
public import HostAPI
internal import Synchronization

/// Moves bytes from a stream to a sink, one chunk at a time, to the end or to the first failure, of which the other
/// one is told.
public final class Pump: Sendable {
    private enum Step: Sendable {
        case read
        case write([UInt8])
        case finish
    }

    private struct State {
        var isRunning = false
        var next: Step?
    }

    private let source: any ByteStream
    private let sink: any ByteSink
    private let onEnd: @Sendable (HostError?) -> Void
    private let state = Mutex(State())

    /// The largest chunk, in bytes: 64 KiB.
    public static let mostBytes = 64 << 10

    private init(_ source: any ByteStream, _ sink: any ByteSink, _ onEnd: @escaping @Sendable (HostError?) -> Void) {
        self.source = source
        self.sink = sink
        self.onEnd = onEnd
    }

    /// Begins.
    /// - Parameter onEnd: called once: with `nil` when all is in place, otherwise with why it is not.
    public static func run(
        _ source: any ByteStream, into sink: any ByteSink, onEnd: @escaping @Sendable (HostError?) -> Void = { _ in }
    ) {
        if let sink = sink as? OutboundSink { sink.onStop { source.cancel() } }
        Pump(source, sink, onEnd).go(.read)
    }

    /// Does one step after the other: what is answered at once adds nothing to the stack.
    private func go(_ step: Step) {
        let isFirst = state.withLock { state in
            guard state.isRunning else {
                state.isRunning = true
                return true
            }
            state.next = step
            return false
        }
        guard isFirst else { return }
        var step = step
        while true {
            perform(step)
            let next = state.withLock { state -> Step? in
                defer { state.next = nil }
                if state.next == nil { state.isRunning = false }
                return state.next
            }
            guard let next else { return }
            step = next
        }
    }

    private func perform(_ step: Step) {
        switch step {
        case .read:
            source.read(atMost: Self.mostBytes) { [self] result in
                switch result {
                case .success(let bytes?): go(.write(bytes))
                case .success(nil): go(.finish)
                case .failure(let error):
                    if let sink = sink as? OutboundSink { sink.cancel(error) } else { sink.cancel() }
                    onEnd(error)
                }
            }
        case .write(let bytes):
            sink.write(bytes) { [self] result in
                switch result {
                case .success: go(.read)
                case .failure(let error):
                    if let source = source as? InboundStream { source.cancel(error) } else { source.cancel() }
                    onEnd(error)
                }
            }
        case .finish:
            sink.finish { [self] result in
                switch result {
                case .success: onEnd(nil)
                case .failure(let error): onEnd(error)
                }
            }
        }
    }
}
