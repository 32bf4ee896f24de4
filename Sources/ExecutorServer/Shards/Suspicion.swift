// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Which workers have harmed shards, as a value: who is inside when one dies, again and again, is moved away.
struct Suspicion: Sendable {
    /// What a shard suffers with a worker inside.
    enum Harm: Sendable {
        /// Its process died or hung; others may have been inside too.
        case death
        /// A thread was lost in the worker's own isolate.
        case lostThread
        /// A hard limit of memory or CPU time ended a dispatch, as limits are meant to.
        case limit

        var weight: Double {
            switch self {
            case .death: 5
            case .lostThread: 10
            case .limit: 0.1
            }
        }
    }

    /// At which a worker is moved.
    static let most = 9.5
    /// In which half of what was held against a worker is forgotten, in nanoseconds: 10 minutes.
    static let halfLife: UInt64 = 600_000_000_000
    /// Workers of which something is held; those with the least are forgotten first.
    private static let mostKept = 10_000

    private var weights: [String: (weight: Double, time: UInt64)] = [:]

    /// Something happened with these workers inside.
    /// - Returns: those of them that should be moved to shards of their own.
    mutating func note(_ harm: Harm, of workers: some Sequence<String>, at now: UInt64) -> [String] {
        var moved: [String] = []
        for worker in workers {
            let weight = weight(of: worker, at: now) + harm.weight
            weights[worker] = (weight, now)
            if weight >= Self.most { moved.append(worker) }
        }
        if weights.count > Self.mostKept { forget(at: now) }
        return moved
    }

    /// What is held against a worker.
    func weight(of worker: String, at now: UInt64) -> Double {
        guard let (weight, time) = weights[worker] else { return 0 }
        let halves = Double(now > time ? now - time : 0) / Double(Self.halfLife)
        return weight * exp2(-halves)
    }

    /// The worker was deployed anew, or removed.
    mutating func forget(_ worker: String) { weights[worker] = nil }

    private mutating func forget(at now: UInt64) {
        let kept = weights.keys.sorted { weight(of: $0, at: now) > weight(of: $1, at: now) }.prefix(Self.mostKept / 2)
        weights = Dictionary(uniqueKeysWithValues: kept.compactMap { name in weights[name].map { (name, $0) } })
    }
}
