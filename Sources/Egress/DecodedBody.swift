// SPDX-License-Identifier: Apache-2.0
internal import CContentCoding
internal import HostAPI
internal import Synchronization

/// A body without one of its content codings. It decodes as it is read, so a small body that decodes to a large one
/// costs no more than its reader asks for.
final class DecodedBody: ByteStream {
    private struct State: ~Copyable {
        var decoder: ContentDecoder
        var input: ArraySlice<UInt8> = []
        /// There may be output without more input.
        var hasMore = false
        var isSourceDone = false
        var hasBegun = false
        /// The coding is at an end, though perhaps not the only one.
        var hasEnded = false
        /// It failed, or nobody wants it.
        var isOver = false
        /// The memory that the decoder has.
        var held = 0
        var permits: [Permit] = []
    }

    private enum Step {
        case answer(Result<[UInt8]?, HostError>)
        case readOn
    }

    private let source: any ByteStream
    private let call: HostCall<NetworkGrant>
    private let state: Mutex<State>

    /// `nil` if there is no memory.
    private init?(_ source: any ByteStream, _ coding: cc_coding_t, _ call: HostCall<NetworkGrant>) {
        guard let decoder = ContentDecoder(coding) else { return nil }
        self.source = source
        self.call = call
        state = Mutex(State(decoder: decoder))
    }

    /// The most codings one after another; a body with more, or with one that is not known, is left as it is.
    private static let mostCodings = 3

    /// Undoes what a response's `Content-Encoding` says, the last coding first.
    static func decoding(
        _ codings: [String], _ body: any ByteStream, _ call: HostCall<NetworkGrant>
    ) throws(HostError) -> any ByteStream {
        let names = codings.map { $0.lowercased() }.filter { $0 != "identity" && !$0.isEmpty }
        let known = names.compactMap(ContentDecoder.coding)
        guard known.count == names.count, known.count <= mostCodings else { return body }
        var body = body
        for coding in known.reversed() {
            guard let decoded = DecodedBody(body, coding, call) else {
                throw HostError(.failed, "there is no memory to decode a response")
            }
            body = decoded
        }
        return body
    }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        switch state.withLock({ step(max(1, count), &$0) }) {
        case .answer(let result):
            if case .failure = result { source.cancel() }
            answer(result)
        case .readOn:
            source.read(atMost: 64 << 10) { [self] result in
                switch result {
                case .success(let chunk):
                    state.withLock { state in
                        state.input = chunk?[...] ?? []
                        state.isSourceDone = chunk == nil
                    }
                    read(atMost: count, answer)
                case .failure(let error): answer(.failure(error))
                }
            }
        }
    }

    func cancel() {
        state.withLock { state in
            state.isOver = true
            state.input = []
            state.permits = []
        }
        source.cancel()
    }

    private func step(_ count: Int, _ state: inout State) -> Step {
        var output: [UInt8] = []
        while !state.isOver {
            if state.input.isEmpty, !state.hasMore {
                guard output.isEmpty else { return .answer(.success(output)) }
                guard state.isSourceDone else { return .readOn }
                // Nothing at all is an empty body, whatever its coding.
                guard state.hasEnded || !state.hasBegun else {
                    return .answer(fail(&state, "ends in the middle of its content coding"))
                }
                break
            }
            state.hasBegun = true
            let (piece, status) = state.decoder.decode(&state.input, atMost: count - output.count)
            output = output.isEmpty ? piece : output + piece
            state.hasMore = status == .needsOutput
            state.hasEnded = status == .ended
            switch status {
            case .needsInput, .needsOutput, .ended: break
            case .malformed: return .answer(fail(&state, "is not in the content coding that its headers say"))
            case .outOfMemory: return .answer(fail(&state, "needs more memory to decode than there is"))
            }
            do throws(HostError) {
                try hold(&state)
            } catch {
                state.isOver = true
                return .answer(.failure(error))
            }
            if output.count == count { return .answer(.success(output)) }
        }
        state.isOver = true
        state.permits = []
        return .answer(.success(nil))
    }

    /// Takes what memory the decoder has come to need from what its dispatch may hold.
    private func hold(_ state: inout State) throws(HostError) {
        let memory = state.decoder.memory
        guard memory > state.held else { return }
        state.permits.append(try call.permit(memory - state.held, of: .heldBytes))
        state.held = memory
    }

    private func fail(_ state: inout State, _ what: String) -> Result<[UInt8]?, HostError> {
        state.isOver = true
        state.permits = []
        return .failure(HostError(.unavailable, "the body of the response \(what)"))
    }
}

/// A decoder of zlib's or brotli's.
@safe struct ContentDecoder: ~Copyable {
    enum Status {
        case needsInput
        case needsOutput
        case ended
        case malformed
        case outOfMemory
    }

    private let decoder: OpaquePointer

    static func coding(_ name: String) -> cc_coding_t? {
        switch name {
        case "gzip", "x-gzip": CC_GZIP
        case "deflate": CC_DEFLATE
        case "br": CC_BROTLI
        default: nil
        }
    }

    /// `nil` if there is no memory.
    init?(_ coding: cc_coding_t) {
        guard let decoder = unsafe cc_decoder_new(coding) else { return nil }
        unsafe self.decoder = decoder
    }

    deinit { unsafe cc_decoder_dispose(decoder) }

    /// The memory that it has, in bytes.
    var memory: Int { unsafe cc_decoder_memory(decoder) }

    /// Takes from the input and gives at most `count` bytes.
    mutating func decode(_ input: inout ArraySlice<UInt8>, atMost count: Int) -> ([UInt8], Status) {
        var taken = input.count
        var status = CC_MALFORMED
        let output = unsafe [UInt8](unsafeUninitializedCapacity: min(count, 64 << 10)) { buffer, written in
            var length = buffer.count
            unsafe input.withUnsafeBufferPointer { input in
                unsafe status = cc_decode(decoder, input.baseAddress, &taken, buffer.baseAddress, &length)
            }
            written = length
        }
        input = input.dropFirst(taken)
        return (output, Self.status(status))
    }

    private static func status(_ status: cc_status_t) -> Status {
        switch status {
        case CC_NEEDS_INPUT: .needsInput
        case CC_NEEDS_OUTPUT: .needsOutput
        case CC_ENDED: .ended
        case CC_OUT_OF_MEMORY: .outOfMemory
        default: .malformed
        }
    }
}
