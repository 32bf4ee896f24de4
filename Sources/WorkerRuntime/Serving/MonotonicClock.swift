// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// Elapsed time in nanoseconds, for differences.
package enum MonotonicClock {
    /// In nanoseconds.
    package static var now: UInt64 { Engine.monotonicNanoseconds }
}
