// SPDX-License-Identifier: Apache-2.0

internal import Isolates
@_spi(CustomByteBufferAllocator) internal import NIOCore
internal import WorkerRuntime

/// The body of a response that is whole.
enum WholeBody: Sendable {
    case bytes([UInt8])
    /// One that is not copied.
    case buffer(ByteBuffer)

    init(_ answer: DispatchAnswer) {
        if let given = answer.given, let buffer = ByteBuffer(given) {
            self = .buffer(buffer)
        } else {
            self = .bytes(answer.bytes)
        }
    }

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .buffer(let buffer): buffer.readableBytes
        }
    }

    var buffer: ByteBuffer {
        switch self {
        case .bytes(let bytes): ByteBuffer(bytes: bytes)
        case .buffer(let buffer): buffer
        }
    }
}

extension ByteBuffer {
    /// Takes the memory, and frees it with the last of what has it. `nil`: somebody else has taken it.
    fileprivate init?(_ given: GivenBytes) {
        guard let memory = unsafe given.take() else { return nil }
        unsafe self.init(takingOwnershipOf: memory, allocator: Self.ofGiven)
    }

    private static let ofGiven = unsafe ByteBufferAllocator(
        allocate: { unsafe GivenBytes.allocate($0) },
        reallocate: { old, oldCount, count in
            guard let new = unsafe GivenBytes.allocate(count) else { return nil }
            if let old = unsafe old {
                unsafe new.copyMemory(from: old, byteCount: min(oldCount, count))
                unsafe GivenBytes.free(old)
            }
            return unsafe new
        },
        deallocate: { unsafe GivenBytes.free($0) },
        copy: { unsafe $0.copyMemory(from: $1, byteCount: $2) })
}
