// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// What carries an exchange: a connection, or a stream of one. From any thread.
protocol ExchangeCarrier: AnyObject, Sendable {
    /// The exchange has room for more of the response.
    func readMore(for exchange: Exchange)
    /// The exchange is over before its end.
    func abort(_ exchange: Exchange)
    /// Runs something once what was read together is dealt with.
    func afterwards(_ body: @escaping @Sendable () -> Void)
}

/// One request and the response to it on one connection. It meets the carrier, on an event loop, and whoever reads
/// the body, on any thread, and keeps what came between them: no more is read from the network before that was taken.
final class Exchange: Sendable {
    typealias HeadAnswer = @Sendable (Result<HTTPResponseHead, TransportError>) -> Void
    typealias Read = @Sendable (Result<[UInt8]?, HostError>) -> Void

    private struct State {
        var carrier: (any ExchangeCarrier)?
        var onHead: HeadAnswer?
        var chunks = CircularBuffer<ByteBuffer>()
        var buffered = 0
        var reader: (most: Int, answer: Read)?
        /// How much more is read only to save the connection; `nil` while somebody wants the body.
        var discards: Int?
        /// No more comes.
        var end: Result<Void, HostError>?
        /// What the exchange takes up until its body was read, or nobody reads it.
        var permits: [Permit]
    }

    let request: HTTPRequestHead
    let body: RequestBody
    /// The host as messages name it.
    let host: String
    private let call: HostCall<NetworkGrant>
    private let state: Mutex<State>

    /// More is read once there is less than this, in bytes.
    private static let lowWater = 16 << 10
    /// The most that is read of a body that nobody wants, to keep its connection.
    private static let mostDiscarded = 32 << 10

    init(
        _ request: HTTPRequestHead, _ body: RequestBody, host: String, call: HostCall<NetworkGrant>, permits: [Permit],
        onHead: @escaping HeadAnswer
    ) {
        self.request = request
        self.body = body
        self.host = host
        self.call = call
        state = Mutex(State(onHead: onHead, permits: permits))
    }

    // MARK: From the carrier

    /// Whether the exchange is still wanted; charges what is sent at once.
    func begin(_ carrier: any ExchangeCarrier) -> Bool {
        guard state.withLock({ $0.end == nil }) else { return false }
        var bytes = request.byteCount
        if case .bytes(let body) = body { bytes += body.count }
        do throws(HostError) {
            try charge(sent: bytes)
        } catch {
            fail(TransportError(error))
            return false
        }
        return state.withLock { state in
            guard state.end == nil else { return false }
            state.carrier = carrier
            return true
        }
    }

    func charge(sent bytes: Int) throws(HostError) { try call.charge(bytes, of: .egressBytes) }

    /// Whether the network should be asked for more of the body.
    var hasRoom: Bool { state.withLock { $0.end == nil && $0.buffered < Self.lowWater } }

    func receive(head: HTTPResponseHead) {
        guard charge(received: head.byteCount) else { return }
        state.withLock { state in
            defer { state.onHead = nil }
            return state.onHead
        }?(.success(head))
    }

    func receive(_ chunk: ByteBuffer) {
        guard chunk.readableBytes > 0, charge(received: chunk.readableBytes) else { return }
        let isTooMuch = state.withLock { state -> Bool in
            guard state.end == nil else { return false }
            if let left = state.discards {
                state.discards = left - chunk.readableBytes
                return left < chunk.readableBytes
            }
            state.buffered += chunk.readableBytes
            // Many small chunks would take more memory than their bytes.
            if let last = state.chunks.last, last.readableBytes + chunk.readableBytes <= Self.lowWater {
                state.chunks[state.chunks.index(before: state.chunks.endIndex)].writeImmutableBuffer(chunk)
            } else {
                state.chunks.append(chunk)
            }
            return false
        }
        guard !isTooMuch else { return cancel() }
        answerReader()
    }

    /// The response is complete.
    func finish() { end(.success(())) }

    /// It will not become complete.
    func fail(_ error: TransportError) {
        let answer = state.withLock { state in
            defer { state.onHead = nil }
            return state.end == nil ? state.onHead : nil
        }
        end(.failure(error.error))
        answer?(.failure(error))
    }

    private func charge(received bytes: Int) -> Bool {
        do throws(HostError) {
            try call.charge(bytes, of: .ingressBytes)
            return true
        } catch {
            let carrier = state.withLock { $0.carrier }
            fail(TransportError(error))
            carrier?.abort(self)
            return false
        }
    }

    // MARK: From the reader

    func read(atMost count: Int, _ answer: @escaping Read) {
        state.withLock { $0.reader = (max(1, count), answer) }
        answerReader()
    }

    /// Nobody wants the rest.
    func cancel() {
        let carrier = state.withLock { state in
            defer { state.onHead = nil }
            return state.end == nil ? state.carrier : nil
        }
        end(.failure(HostError(.cancelled, "the request to \(HostError.quote(host)) was cancelled")), isAtOnce: true)
        carrier?.abort(self)
    }

    /// Nobody wants the body, but the connection may be used again if little is left of it.
    /// - Parameter next: goes on as soon as the rest, if it came with the head, is out of the way.
    func discard(then next: @escaping @Sendable () -> Void) {
        let carrier = state.withLock { state -> (any ExchangeCarrier)? in
            state.discards = Self.mostDiscarded
            state.chunks = []
            state.buffered = 0
            return state.end == nil ? state.carrier : nil
        }
        carrier?.readMore(for: self)
        if let carrier { carrier.afterwards(next) } else { next() }
    }

    /// What is still to be done once the lock is free.
    private struct Due {
        var answer: (Read, Result<[UInt8]?, HostError>)?
        var carrier: (any ExchangeCarrier)?
        var permits: [Permit] = []
    }

    private func answerReader() {
        var due = state.withLock { state -> Due in
            var due = Due()
            guard let reader = state.reader else { return due }
            if state.buffered > 0 {
                let hadRoom = state.buffered < Self.lowWater
                due.answer = (reader.answer, .success(Self.take(reader.most, from: &state)))
                if state.end == nil, !hadRoom || state.buffered == 0, state.buffered < Self.lowWater {
                    due.carrier = state.carrier
                }
            } else if let end = state.end {
                due.answer = (reader.answer, end.map { nil })
            } else {
                due.carrier = state.carrier
                return due
            }
            state.reader = nil
            due.permits = Self.permitsToGiveBack(&state)
            return due
        }
        // Permits first: who reads the end may begin the next request.
        due.permits = []
        due.carrier?.readMore(for: self)
        if let (answer, result) = due.answer { answer(result) }
    }

    private func end(_ end: Result<Void, HostError>, isAtOnce: Bool = false) {
        var permits = state.withLock { state -> [Permit] in
            if isAtOnce {
                state.chunks = []
                state.buffered = 0
            }
            if state.end == nil || isAtOnce { state.end = end }
            state.carrier = nil
            return Self.permitsToGiveBack(&state)
        }
        permits.removeAll()
        answerReader()
    }

    private static func permitsToGiveBack(_ state: inout State) -> [Permit] {
        guard state.end != nil, state.buffered == 0 else { return [] }
        defer { state.permits = [] }
        return state.permits
    }

    private static func take(_ most: Int, from state: inout State) -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < most, var first = state.chunks.first {
            let piece = first.readBytes(length: min(most - bytes.count, first.readableBytes)) ?? []
            bytes = bytes.isEmpty ? piece : bytes + piece
            if first.readableBytes == 0 {
                state.chunks.removeFirst()
            } else {
                state.chunks[state.chunks.startIndex] = first
            }
        }
        state.buffered -= bytes.count
        return bytes
    }
}

/// The body of a response. Whoever lets go of it cancels the exchange.
final class ResponseBody: ByteStream {
    private let exchange: Exchange

    init(_ exchange: Exchange) { self.exchange = exchange }

    deinit { exchange.cancel() }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        exchange.read(atMost: count, answer)
    }

    func cancel() { exchange.cancel() }
}
