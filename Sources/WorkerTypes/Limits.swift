// SPDX-License-Identifier: Apache-2.0

/// What a script may use before it is ended, and how much of the language it gets.
public struct Limits: Sendable, Hashable {
    /// All memory on the script's behalf together, in bytes: V8's heap, ArrayBuffers, WebAssembly, V8's working
    /// memory and, in the `rookery` program, native memory. From `leastMemory` to `mostMemory`.
    public var memory: Int
    /// CPU time of the script's thread, above zero; `nil` is no limit.
    public var cpu: Duration?
    /// Elapsed time, above zero; `nil` is no limit.
    public var wall: Duration?
    /// Whether `eval`, `new Function` and the like may make code from strings.
    public var codeGeneration: Bool
    /// Whether there is `WebAssembly`.
    public var webAssembly: Bool

    /// The least memory with which the prelude itself runs, in bytes.
    public static let leastMemory = 8 << 20
    /// The most that can be said, in bytes: 1 TiB.
    public static let mostMemory = 1 << 40

    /// 128 MiB, 10 s of CPU, 60 s; neither code from strings nor WebAssembly.
    public static let standard = Limits(memory: 128 << 20, cpu: .seconds(10), wall: .seconds(60))

    /// Limits of these sizes.
    public init(
        memory: Int, cpu: Duration?, wall: Duration?, codeGeneration: Bool = false, webAssembly: Bool = false
    ) {
        self.memory = memory
        self.cpu = cpu
        self.wall = wall
        self.codeGeneration = codeGeneration
        self.webAssembly = webAssembly
    }

    /// Refuses limits that nothing can run under, or that say nothing.
    /// - Throws: `LimitsError`.
    public func check() throws(LimitsError) {
        guard memory >= Self.leastMemory else {
            throw LimitsError("a memory limit of \(memory) bytes: give at least \(Self.leastMemory)")
        }
        guard memory <= Self.mostMemory else {
            throw LimitsError("a memory limit of \(memory) bytes: give at most \(Self.mostMemory)")
        }
        for (name, limit) in [("CPU", cpu), ("wall", wall)] {
            guard let limit, limit <= .zero else { continue }
            throw LimitsError("a \(name) limit of \(limit): give one above zero, or none")
        }
    }
}

/// Limits that cannot be kept: the operator's or the embedder's fault.
public struct LimitsError: Error, Equatable, CustomStringConvertible {
    /// What is wrong and what would be right.
    public let description: String

    init(_ description: String) { self.description = description }
}
