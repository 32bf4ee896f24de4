// SPDX-License-Identifier: Apache-2.0

/// Why a worker was not let in: the process holds as much as it may.
public enum AdmissionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// All isolates together hold so many bytes of so many.
    case memory(held: Int, most: Int)
    /// The process has so many memory mappings of so many (`vm.max_map_count`).
    case mappings(count: Int, most: Int)

    /// What is short, and what helps.
    public var description: String {
        switch self {
        case .memory(let held, let most):
            "no isolate: all isolates hold \(held >> 20) of \(most >> 20) MiB. Dispose of some, or raise the bound"
        case .mappings(let count, let most):
            "no isolate: the process has about \(count) of \(most) memory mappings. Dispose of some, or raise "
                + "vm.max_map_count"
        }
    }
}
