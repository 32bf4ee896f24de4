// SPDX-License-Identifier: Apache-2.0

public import HostAPI
internal import NIOCore

typealias BodyAnswer = @Sendable (Result<[UInt8]?, HostError>) -> Void

/// A request's body as it comes in. What is not read makes the client wait.
public final class RequestBodyStream: ByteStream, @unchecked Sendable {
    /// Bytes that were read and stay in memory; fewer are not worth a copy of the rest.
    private static let mostRead = 64 << 10

    private let exchange: Exchange

    // The rest belongs to the exchange's loop.
    private var held = ByteBuffer()
    private var ending: Result<Void, HostError>?
    private var reader: (count: Int, answer: BodyAnswer)?
    private(set) var isCancelled = false
    /// Bytes that came in.
    private(set) var received = 0

    init(_ exchange: Exchange) { self.exchange = exchange }

    /// Reads the next chunk.
    public func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        exchange.post(.readBody(max(count, 1), answer))
    }

    /// Reads no more. What still comes is thrown away, up to a limit, and then the connection ends with the response.
    public func cancel() { exchange.post(.cancelBody) }

    // MARK: On the loop

    /// Bytes that wait for a reader.
    var heldBytes: Int { held.readableBytes }
    var isWaitedFor: Bool { reader != nil }

    func offer(_ bytes: ByteBuffer) {
        received += bytes.readableBytes
        if isCancelled || ending != nil { return }
        if held.readableBytes == 0 {
            held = bytes
        } else {
            // What was read stays in a buffer that is never empty, which would grow to the body's length.
            if held.readerIndex >= Self.mostRead { held.discardReadBytes() }
            held.writeImmutableBuffer(bytes)
        }
        serve()
    }

    /// The last call counts for nothing if there was one before.
    func end(_ result: Result<Void, HostError>) {
        if ending != nil { return }
        ending = result
        if case .failure = result { held = ByteBuffer() }
        serve()
    }

    func read(_ count: Int, _ answer: @escaping BodyAnswer) {
        guard reader == nil else {
            answer(.failure(HostError(.conflict, "the body is being read already: wait for the read before")))
            return
        }
        reader = (count, answer)
        serve()
    }

    /// Throws away what there is and what comes.
    func drop() {
        isCancelled = true
        held = ByteBuffer()
        end(.failure(HostError(.cancelled, "the request's body was cancelled")))
    }

    private func serve() {
        guard let (count, answer) = reader else { return }
        if held.readableBytes > 0 {
            reader = nil
            let bytes = held.readBytes(length: min(count, held.readableBytes)) ?? []
            if held.readableBytes == 0 { held = ByteBuffer() }
            answer(.success(bytes))
        } else if let ending {
            reader = nil
            answer(ending.map { nil })
        }
    }
}
