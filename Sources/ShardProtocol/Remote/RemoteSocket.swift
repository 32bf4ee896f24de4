// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
public import WorkerTypes

/// The worker's side of a client's WebSocket, where the worker is in a shard: messages go through as the other end takes
/// them. Holds one message of either side, and what the channels' windows hold.
public final class RemoteSocket: DispatchSocketHandler {
    /// What the shard is told.
    enum Word: Sendable {
        /// A message is about to be written.
        case message
        case closed(SocketEnd)
    }

    private struct State {
        var client: (any DispatchSocket)?
        var hasOpened = false
        /// The client has closed, or is gone.
        var isClosed = false
        /// The worker gets nothing more, whatever the client says.
        var isLeft = false
        var isWriting = false
        /// The shard sends nothing more.
        var isReadOut = false
        /// With what the shard wants it closed.
        var closing: SocketEnd?
    }

    private let reader: SocketReader
    private let sink: OutboundSink
    private let say: @Sendable (Word) -> Void
    private let steps = Steps()
    private let state = Mutex(State())

    init(_ reader: SocketReader, _ sink: OutboundSink, _ say: @escaping @Sendable (Word) -> Void) {
        self.reader = reader
        self.sink = sink
        self.say = say
    }

    // MARK: From who carries it

    /// The handshake is done.
    public func opened(_ socket: any DispatchSocket) {
        state.withLock { state in
            state.client = socket
            state.hasOpened = true
        }
        pull(socket)
        push(to: socket)
    }

    /// No message goes or comes any more: the worker is told, once it has what came before.
    public func closed(code: Int, reason: String) {
        let (isFirst, hasOpened) = state.withLock { state in
            defer { (state.isClosed, state.client) = (true, nil) }
            return (!state.isClosed, state.hasOpened)
        }
        guard isFirst else { return }
        reader.cancel()
        say(.closed(SocketEnd(code: code, reason: reason)))
        if !hasOpened { sink.finish { _ in } }
    }

    /// Closes it for a reason of the host's, of which the worker is told as of the client's.
    public func leave(code: Int, reason: String) {
        let (client, isIdle) = state.withLock { state in
            defer { state.isLeft = true }
            // One that opens later is closed then.
            if !state.isClosed { state.closing = SocketEnd(code: code, reason: reason) }
            return (state.client, !state.isLeft && !state.isWriting)
        }
        closed(code: code, reason: reason)
        if isIdle { sink.finish { _ in } }
        client?.close(code: code, reason: reason)
    }

    /// From the client to the worker.
    private func pull(_ client: any DispatchSocket) {
        client.receive { [self] message in
            // `closed` tells of the end.
            guard let message else {
                let isLeft = state.withLock { $0.isLeft }
                return isLeft ? () : sink.finish { _ in }
            }
            guard message.byteCount <= SocketCoding.mostBytes else {
                client.close(code: 1009, reason: "a message of more than \(SocketCoding.mostBytes) bytes")
                return steps.go { [self] in pull(client) }
            }
            let isOpen = state.withLock { state in
                state.isWriting = !state.isLeft
                return state.isWriting
            }
            // Who closes reads on, to see the client's answer.
            guard isOpen else { return steps.go { [self] in pull(client) } }
            say(.message)
            sink.write(SocketCoding.encode(message)) { [self] _ in
                let isLeft = state.withLock { state in
                    state.isWriting = false
                    return state.isLeft
                }
                if isLeft { sink.finish { _ in } }
                steps.go { [self] in pull(client) }
            }
        }
    }

    /// From the worker to the client.
    private func push(to client: any DispatchSocket) {
        reader.next { [self] result in
            guard case .success(let message?) = result else {
                state.withLock { $0.isReadOut = true }
                return proceed()
            }
            client.send(message) { [self] isOpen in
                if isOpen { push(to: client) } else { reader.cancel() }
            }
        }
    }

    // MARK: From the shard

    /// The worker closes it, after what it has sent.
    func close(_ end: SocketEnd) {
        state.withLock { $0.closing = end }
        proceed()
    }

    /// The shard is gone.
    func lose() {
        state.withLock { state in
            state.closing = state.closing ?? SocketEnd(code: 1011, reason: "the worker's process has ended")
            state.isReadOut = true
        }
        proceed()
    }

    private func proceed() {
        let news = state.withLock { state -> (any DispatchSocket, SocketEnd)? in
            guard state.isReadOut, let client = state.client, let closing = state.closing else { return nil }
            state.client = nil
            return (client, closing)
        }
        if let (client, end) = news { client.close(code: end.code, reason: end.reason) }
    }
}
