// SPDX-License-Identifier: Apache-2.0

/// What a run or a dispatch used.
public struct Usage: Sendable, Hashable, Codable {
    /// CPU time of the script's thread, inside its isolate.
    public var cpuMicroseconds: Int
    /// Elapsed time from start to end.
    public var wallMicroseconds: Int
    /// The most of the V8 heap in use that was seen, in bytes.
    public var heapPeakBytes: Int
    /// The most of ArrayBuffers and wasm memories, in bytes.
    public var externalPeakBytes: Int
    /// The most of everything that the memory limit bounds, in bytes.
    public var memoryPeakBytes: Int
    /// Requests that the script made.
    public var subrequests: Int
    /// Bytes that the script sent.
    public var egressBytes: Int
    /// Calls of JavaScript to the host.
    public var hostCalls: Int

    /// Nothing used, or this much.
    public init(
        cpuMicroseconds: Int = 0, wallMicroseconds: Int = 0, heapPeakBytes: Int = 0, externalPeakBytes: Int = 0,
        memoryPeakBytes: Int = 0, subrequests: Int = 0, egressBytes: Int = 0, hostCalls: Int = 0
    ) {
        self.cpuMicroseconds = cpuMicroseconds
        self.wallMicroseconds = wallMicroseconds
        self.heapPeakBytes = heapPeakBytes
        self.externalPeakBytes = externalPeakBytes
        self.memoryPeakBytes = memoryPeakBytes
        self.subrequests = subrequests
        self.egressBytes = egressBytes
        self.hostCalls = hostCalls
    }
}
