// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

// Bytes to and from the shim.

extension String {
    /// Lends the UTF-8 bytes.
    func withSlice<R>(_ body: (ci_slice_t) -> R) -> R {
        var copy = self
        return copy.withUTF8 { utf8 in
            unsafe body(ci_slice_t(bytes: utf8.baseAddress, count: utf8.count))
        }
    }

    /// Copies UTF-8 out of borrowed bytes.
    init(_ slice: ci_slice_t) {
        self = unsafe String(decoding: UnsafeBufferPointer(start: slice.bytes, count: slice.count), as: UTF8.self)
    }
}

extension [UInt8] {
    /// Lends the bytes.
    func withSlice<R>(_ body: (ci_slice_t) -> R) -> R {
        unsafe withUnsafeBufferPointer { bytes in
            unsafe body(ci_slice_t(bytes: bytes.baseAddress, count: bytes.count))
        }
    }

    /// Copies borrowed bytes.
    init(_ slice: ci_slice_t) {
        self = unsafe Array(UnsafeBufferPointer(start: slice.bytes, count: slice.count))
    }
}

/// Lends two texts at once.
func withSlices<R>(_ first: String, _ second: String, _ body: (ci_slice_t, ci_slice_t) -> R) -> R {
    unsafe first.withSlice { a in unsafe second.withSlice { b in unsafe body(a, b) } }
}
