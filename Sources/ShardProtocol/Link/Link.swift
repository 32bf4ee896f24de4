// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import Synchronization

/// Where a link's bytes go.
public protocol LinkTransport: AnyObject, Sendable {
    /// There are bytes to be sent: take them with `takeOutput()` soon. From any thread, perhaps inside of `receive`:
    /// return soon, and do not take them here. Said once for all that gathers until they are taken.
    func outputIsReady()
    /// Whether this thread may send by itself what it has said.
    var sendsFromThisThread: Bool { get }
    /// Takes the bytes and sends them, from this thread. Only where it may, and not inside of `receive`.
    func send()
    /// Nothing is sent or heard any more. What was to be sent still may be.
    func close()
}

extension LinkTransport {
    /// It may not.
    public var sendsFromThisThread: Bool { false }
    /// As `outputIsReady()`.
    public func send() { outputIsReady() }
}

/// One side of a connection, for all threads: what is said gathers, and goes out together.
final class Link<S: Session>: Sendable {
    struct State: Sendable {
        var session: S
        var output = ByteBuffer()
        var isSignalled = false
        /// So many threads say several things, and will say when they have.
        var gatherings = 0
        var isOver = false
        var readers: [UInt32: InboundStream] = [:]
        var writers: [UInt32: OutboundSink] = [:]
    }

    private let state: Mutex<State>
    private let decoder: Mutex<FrameDecoder>
    private let transport: any LinkTransport

    init(_ session: S, _ decoder: FrameDecoder, _ transport: any LinkTransport) {
        state = Mutex(State(session: session))
        self.decoder = Mutex(decoder)
        self.transport = transport
    }

    // MARK: Output

    /// Says something. After the end nothing is said, but the body still runs.
    @discardableResult func with<T: Sendable>(_ body: (inout State) -> T) -> T {
        let (result, isNew) = state.withLock { state in
            let result = body(&state)
            if state.isOver { state.output.clear() }
            guard state.output.readableBytes > 0, !state.isSignalled, state.gatherings == 0 else {
                return (result, false)
            }
            state.isSignalled = true
            return (result, true)
        }
        if isNew { transport.outputIsReady() }
        return result
    }

    /// What the body says, and what others say meanwhile, goes out together at its end, where this thread may send.
    func gather(_ body: () -> Void) {
        guard transport.sendsFromThisThread else { return body() }
        state.withLock { $0.gatherings += 1 }
        body()
        let isReady = state.withLock { state in
            state.gatherings -= 1
            guard state.gatherings == 0, state.output.readableBytes > 0 else { return false }
            state.isSignalled = true
            return true
        }
        if isReady { transport.send() }
    }

    /// What is to be sent; `nil`: nothing.
    func takeOutput() -> ByteBuffer? {
        state.withLock { state in
            state.isSignalled = false
            guard state.output.readableBytes > 0 else { return nil }
            // Room for a few frames: a buffer that grows by each of them is copied often.
            defer { state.output = ByteBufferAllocator().buffer(capacity: 4096) }
            return state.output
        }
    }

    /// Whether nothing is said any more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Bytes that wait to be taken.
    var outputBytes: Int { state.withLock { $0.output.readableBytes } }

    // MARK: Input

    /// Takes what has come, and tells what it means, in order.
    /// - Returns: what the other side did wrong, if anything: then the connection is at its end.
    func receive(_ bytes: ByteBuffer, _ tell: (S.Event) -> Void) -> ProtocolError? {
        do throws(ProtocolError) {
            decoder.withLock { $0.append(bytes) }
            while let frame = try nextFrame() {
                guard let event = try take(frame) else { continue }
                tell(event)
            }
            return nil
        } catch {
            return error
        }
    }

    private func nextFrame() throws(ProtocolError) -> Frame? {
        let result = decoder.withLock { decoder -> Result<Frame?, ProtocolError> in
            do throws(ProtocolError) {
                return .success(try decoder.next())
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func take(_ frame: Frame) throws(ProtocolError) -> S.Event? {
        let result = with { state -> Result<S.Event?, ProtocolError> in
            guard !state.isOver else { return .success(nil) }
            do throws(ProtocolError) {
                return .success(try state.session.receive(frame, replies: &state.output))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The connection has closed. Says what was wrong with that, if anything.
    func finish() -> ProtocolError? {
        decoder.withLock { decoder in
            do throws(ProtocolError) {
                try decoder.finish()
                return nil
            } catch {
                return error
            }
        }
    }

    /// Nothing is said or heard any more; what is open fails. Only the first time counts.
    /// - Returns: whether it was the first.
    func end(_ error: HostError) -> Bool {
        let streams = state.withLock { state -> (readers: [InboundStream], writers: [OutboundSink])? in
            guard !state.isOver else { return nil }
            state.isOver = true
            defer { (state.readers, state.writers) = ([:], [:]) }
            return (Array(state.readers.values), Array(state.writers.values))
        }
        guard let streams else { return false }
        for reader in streams.readers { reader.fail(error) }
        for writer in streams.writers { writer.stop(error) }
        transport.close()
        return true
    }

    // MARK: Streams

    /// What has ended meanwhile, on another thread.
    private static var over: HostError { HostError(.cancelled, "the dispatch is over") }

    /// What reads a channel that the session has opened. Call it inside of `with`.
    func reader(_ id: UInt32, _ state: inout State, isSink: Bool = false) -> InboundStream {
        let stream = InboundStream { [weak self] in
            switch $0 {
            case .used(let count): self?.with { $0.session.channels.use(id, count, into: &$0.output) }
            case .stopped(let error):
                self?.with { state in
                    state.readers[id] = nil
                    state.session.channels.stop(id, error, into: &state.output)
                }
            case .closed(let error): self?.with { $0.session.channels.close(id, error, into: &$0.output) }
            }
        }
        if !state.isOver, state.session.channels.isReadable(id) {
            state.readers[id] = stream
        } else {
            stream.fail(Self.over)
        }
        return stream
    }

    /// What writes a channel that the session has opened. Call it inside of `with`.
    func writer(_ id: UInt32, _ state: inout State, awaitsClose: Bool = false) -> OutboundSink {
        let sink = OutboundSink(awaitsClose: awaitsClose) { [weak self] word in
            guard let self else { return nil }
            return with { state in
                switch word {
                case .write(let bytes, let isLast):
                    let count = state.session.channels.write(id, bytes, isLast: isLast, into: &state.output)
                    if isLast, count == bytes.count, !awaitsClose { state.writers[id] = nil }
                    return count
                case .reset(let error):
                    state.session.channels.reset(id, error, into: &state.output)
                    state.writers[id] = nil
                    return nil
                }
            }
        }
        if !state.isOver, state.session.channels.isWritable(id) {
            state.writers[id] = sink
        } else {
            sink.stop(Self.over)
        }
        return sink
    }

    /// Tells the stream that it is about.
    func handle(_ event: ChannelTable.Event) {
        switch event {
        case .data(let id, let bytes, let isLast):
            let reader = with { isLast ? $0.readers.removeValue(forKey: id) : $0.readers[id] }
            reader?.deliver(bytes, isLast: isLast)
        case .reset(let id, let error): with { $0.readers.removeValue(forKey: id) }?.fail(error)
        case .credit(let id): with { $0.writers[id] }?.proceed()
        case .stopped(let id, let error):
            with { $0.writers.removeValue(forKey: id) }?.stop(error ?? HostError(.cancelled, "nobody reads on"))
        case .closed(let id, let error): with { $0.writers.removeValue(forKey: id) }?.close(error)
        }
    }

    /// A dispatch is over: its streams are too.
    func end(_ remains: DispatchRemains) {
        guard !remains.outgoing.isEmpty || !remains.incoming.isEmpty else { return }
        let streams = with { state in
            (
                remains.incoming.compactMap { state.readers.removeValue(forKey: $0) },
                remains.outgoing.compactMap { state.writers.removeValue(forKey: $0) }
            )
        }
        for reader in streams.0 { reader.fail(Self.over) }
        for writer in streams.1 { writer.stop(Self.over) }
    }
}
