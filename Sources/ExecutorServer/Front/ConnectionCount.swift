// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// How many connections all loops have, or how much else is under way.
final class ConnectionCount: Sendable {
    private let count = Atomic<Int>(0)

    /// False, and not counted, if there are as many as may be.
    func enter(most: Int) -> Bool {
        if count.add(1, ordering: .relaxed).newValue <= most { return true }
        leave()
        return false
    }

    func leave() { count.subtract(1, ordering: .relaxed) }

    /// Whether seven of eight places are taken.
    func isCrowded(_ most: Int) -> Bool { current >= most - most / 8 }

    var current: Int { count.load(ordering: .relaxed) }
}
