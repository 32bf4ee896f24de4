// SPDX-License-Identifier: Apache-2.0

/// What a script may use before it is ended.
public struct Limits: Sendable, Equatable {
    /// V8 heap, ArrayBuffers and wasm memories together, in bytes. At least `Limits.leastMemory`.
    public var memory: Int
    /// CPU time of the script's thread; `nil` is no limit.
    public var cpu: Duration?
    /// Elapsed time; `nil` is no limit.
    public var wall: Duration?

    /// The least memory with which the prelude itself runs, in bytes.
    public static let leastMemory = 8 << 20

    /// 128 MiB, 10 s of CPU, 60 s.
    public static let standard = Limits(memory: 128 << 20, cpu: .seconds(10), wall: .seconds(60))

    /// Limits of these sizes.
    public init(memory: Int, cpu: Duration?, wall: Duration?) {
        self.memory = memory
        self.cpu = cpu
        self.wall = wall
    }
}
