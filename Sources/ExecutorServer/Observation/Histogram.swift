// SPDX-License-Identifier: Apache-2.0

/// How long things took, by bounds that a Prometheus histogram shows.
struct Histogram: Sendable {
    /// Upper bounds in microseconds; the last bucket has none.
    static let bounds = [
        100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000,
        5_000_000, 10_000_000, 30_000_000,
    ]

    private var counts = InlineArray<18, Int>(repeating: 0)
    private(set) var sum = 0

    mutating func add(_ microseconds: Int) {
        var bucket = 0
        while bucket < Self.bounds.count, microseconds > Self.bounds[bucket] { bucket += 1 }
        counts[bucket] += 1
        sum &+= max(0, microseconds)
    }

    mutating func add(_ other: Histogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        sum &+= other.sum
    }

    var count: Int { counts.indices.reduce(0) { $0 + counts[$1] } }

    /// How many took at most as long as each bound.
    var cumulative: [Int] {
        var total = 0
        return Self.bounds.indices.map { bucket in
            total += counts[bucket]
            return total
        }
    }
}
