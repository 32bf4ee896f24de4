// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// What an isolate holds, in bytes. Names are `v8::HeapStatistics`' where V8 counts.
public struct HeapStatistics: Sendable, Equatable, Codable {
    /// Pages that V8 took for its heap, free parts included.
    public var totalHeapSize: UInt64
    /// What objects take of the heap, dead ones not yet collected included.
    public var usedHeapSize: UInt64
    /// V8's own limit of its heap.
    public var heapSizeLimit: UInt64
    /// What V8 allocated beside its heap.
    public var mallocedMemory: UInt64
    /// Contexts alive.
    public var numberOfNativeContexts: UInt64
    /// Pages of the V8 heap mapped for this isolate.
    public var heapPages: UInt64
    /// Contents of ArrayBuffers.
    public var arrayBuffers: UInt64
    /// Committed pages of wasm memories.
    public var wasmMemory: UInt64
    /// Machine code of wasm modules.
    public var wasmCode: UInt64
    /// Working memory of V8's parser and compilers.
    public var zones: UInt64
    /// `malloc` on the isolate's behalf; 0 in a program that does not charge it.
    public var native: UInt64
    /// All of the above from `heapPages` on: what the heap limit bounds.
    public var held: UInt64
    /// The most of `held`.
    public var peakHeld: UInt64
    /// The most of `usedHeapSize` seen at a garbage collection or at a reading.
    public var peakUsedHeapSize: UInt64
    /// The most of `heapPages`.
    public var peakHeapPages: UInt64
    /// The most of `arrayBuffers + wasmMemory`.
    public var peakExternal: UInt64
    /// The most of `usedHeapSize` seen at a garbage collection since the reading before, or at this one.
    public var recentUsedHeapSize: UInt64

    init(_ raw: ci_heap_statistics_t) {
        totalHeapSize = raw.total_heap_size
        usedHeapSize = raw.used_heap_size
        heapSizeLimit = raw.heap_size_limit
        mallocedMemory = raw.malloced_memory
        numberOfNativeContexts = raw.number_of_native_contexts
        heapPages = raw.heap_pages
        arrayBuffers = raw.array_buffers
        wasmMemory = raw.wasm_memory
        wasmCode = raw.wasm_code
        zones = raw.zones
        native = raw.native
        held = raw.held
        peakHeld = raw.peak_held
        peakUsedHeapSize = raw.peak_used_heap_size
        peakHeapPages = raw.peak_heap_pages
        peakExternal = raw.peak_external
        recentUsedHeapSize = raw.recent_used_heap_size
    }
}
