// SPDX-License-Identifier: Apache-2.0

/// How a run or a dispatch ended.
public enum Outcome: String, Sendable, Codable, CaseIterable {
    case ok
    /// The script threw, did not parse, or did not load.
    case exception
    case exceededCPU
    case exceededWallTime
    case exceededMemory
    /// A fault of the host.
    case internalError
}
