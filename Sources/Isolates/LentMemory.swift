// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Copies of values for the shim, which last as long as this object.
@safe final class LentMemory {
    private var blocks: [UnsafeMutableRawBufferPointer] = unsafe []

    /// The value, with what it points to in this memory.
    func lend(_ value: ScriptValue) -> ci_value_t {
        if case .list(let values) = value {
            let items = UnsafeMutableBufferPointer<ci_value_t>.allocate(capacity: values.count)
            unsafe blocks.append(UnsafeMutableRawBufferPointer(items))
            for (index, value) in values.enumerated() { unsafe items.initializeElement(at: index, to: lend(value)) }
            let bytes = UnsafeRawBufferPointer(items)
            return unsafe ci_value_t(
                kind: .list, number: 0,
                data: ci_slice_t(bytes: bytes.bindMemory(to: UInt8.self).baseAddress, count: bytes.count),
                id: UInt64(values.count))
        }
        return unsafe value.withRaw { raw in
            var raw = unsafe raw
            unsafe raw.data = copy(raw.data)
            return unsafe raw
        }
    }

    private func copy(_ slice: ci_slice_t) -> ci_slice_t {
        guard let bytes = unsafe slice.bytes, unsafe slice.count > 0 else { return unsafe slice }
        let block = unsafe UnsafeMutableRawBufferPointer.allocate(byteCount: slice.count, alignment: 16)
        unsafe block.copyMemory(from: UnsafeRawBufferPointer(start: bytes, count: slice.count))
        unsafe blocks.append(block)
        return unsafe ci_slice_t(bytes: block.bindMemory(to: UInt8.self).baseAddress, count: slice.count)
    }

    deinit {
        while let block = unsafe blocks.popLast() { unsafe block.deallocate() }
    }
}
