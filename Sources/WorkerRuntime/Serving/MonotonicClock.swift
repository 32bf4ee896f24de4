// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// Elapsed time in nanoseconds, for differences.
enum MonotonicClock {
    static var now: UInt64 { Engine.monotonicNanoseconds }
}
