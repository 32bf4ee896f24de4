// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// The most that a dispatch saw its isolate hold, in bytes.
struct MemoryPeak {
    /// Objects in the V8 heap.
    var heap = 0
    /// ArrayBuffers and wasm memories.
    var external = 0

    mutating func formMaximum(_ other: MemoryPeak) {
        heap = max(heap, other.heap)
        external = max(external, other.external)
    }
}

/// What is known of an isolate's memory from looking at it now and then.
struct ResidentMemory {
    /// When it was last looked at.
    private(set) var now = MemoryPeak()
    /// Up to then, since the time before.
    private(set) var peak = MemoryPeak()
    private var mostExternal: UInt64 = 0

    mutating func note(_ statistics: HeapStatistics) {
        let external = Int(clamping: statistics.arrayBuffers + statistics.wasmMemory)
        now = MemoryPeak(heap: Int(clamping: statistics.usedHeapSize), external: external)
        // The isolate's most is this time's if it has risen; else what lay between is not known.
        let hasRisen = statistics.peakExternal > mostExternal
        peak = MemoryPeak(
            heap: Int(clamping: statistics.recentUsedHeapSize),
            external: hasRisen ? Int(clamping: statistics.peakExternal) : external)
        mostExternal = statistics.peakExternal
    }
}
