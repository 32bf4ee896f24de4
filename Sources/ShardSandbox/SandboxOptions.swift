// SPDX-License-Identifier: Apache-2.0

/// How much a process is left with.
public struct SandboxOptions: Sendable, Equatable {
    /// Memory can never become executable: for V8 with `--jitless`.
    public var jitless = false
    /// The descriptors that stay open besides the three standard ones.
    public var descriptors: [Int32] = []
    /// Descriptors at a time. An event loop takes four.
    public var mostDescriptors = 1024
    /// Bytes of address space; `nil`: any number. V8 reserves gigabytes that it never touches, so this is rarely of use.
    public var mostAddressSpace: Int?
    /// Threads of the user in the process's user namespace; `nil`, or without such a namespace: any number.
    public var mostThreads: Int?

    /// With machine code, 1024 descriptors, and no descriptors kept.
    public init() {}
}
