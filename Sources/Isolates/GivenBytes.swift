// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import Synchronization

/// Bytes that an isolate gave away, as they are: freed with this object, and charged to the isolate until then.
@safe public final class GivenBytes: Sendable {
    /// How many there are.
    public let count: Int
    /// Zero once they were taken.
    private let address: Atomic<UInt>

    init?(_ slice: ci_slice_t) {
        guard let bytes = unsafe slice.bytes else { return nil }
        count = unsafe slice.count
        address = Atomic(UInt(bitPattern: bytes))
    }

    /// A copy; nothing once they were taken.
    public var copied: [UInt8] {
        let start = unsafe UnsafePointer<UInt8>(bitPattern: address.load(ordering: .relaxed))
        return unsafe [UInt8](UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// The memory, once: who takes it frees it by `free`.
    public func take() -> UnsafeMutableRawBufferPointer? {
        guard let start = unsafe UnsafeMutableRawPointer(bitPattern: address.exchange(0, ordering: .relaxed)) else {
            return nil
        }
        return unsafe UnsafeMutableRawBufferPointer(start: start, count: count)
    }

    /// Memory that `free` frees, and for which no isolate is charged; `nil`: there is none.
    public static func allocate(_ count: Int) -> UnsafeMutableRawPointer? { unsafe ci_memory_allocate(count) }

    /// Frees what `take` or `allocate` gave.
    public static func free(_ memory: UnsafeMutableRawPointer) { unsafe ci_memory_free(memory) }

    deinit {
        if let start = unsafe take()?.baseAddress { unsafe Self.free(start) }
    }
}
