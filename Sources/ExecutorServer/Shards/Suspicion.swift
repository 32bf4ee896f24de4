// SPDX-License-Identifier: Apache-2.0
internal import Glibc

/// Which workers have harmed shards, as a value: who is inside when one dies, again and again, is moved away.
struct Suspicion: Sendable {
    /// What a worker does that is surely its own.
    enum Harm: Sendable {
        /// A thread was lost in the worker's isolate.
        case lostThread
        /// A hard limit of memory or CPU time ended a dispatch, as limits are meant to.
        case limit

        var weight: Double {
            switch self {
            case .lostThread: 10
            case .limit: 0.1
            }
        }
    }

    /// At which a worker is moved.
    static let most = 9.5
    /// In which half of what was held against a worker is forgotten, in nanoseconds: 10 minutes.
    static let halfLife: UInt64 = 600_000_000_000
    /// Of a shard's death, for all that were inside.
    private static let death = 10.0
    /// Deaths that are nobody's fault are as likely as one in so many dispatches; more of a worker that ended well say
    /// nothing more for it.
    private static let mostCompleted = 1000.0
    /// Workers of which something is held; those with the least are forgotten first.
    private static let mostKept = 10_000

    private var weights: [String: (weight: Double, time: UInt64)] = [:]

    /// A worker did something.
    /// - Returns: whether it should be moved to a shard of its own.
    mutating func note(_ harm: Harm, of worker: String, at now: UInt64) -> Bool {
        defer { if weights.count > Self.mostKept { forget(at: now) } }
        return add(harm.weight, to: worker, at: now)
    }

    /// A shard died or hung, with dispatches of these workers inside.
    ///
    /// One of them may have done it, or nobody. It is the more likely one the fewer of its dispatches had ended well: who
    /// is busy is inside at most deaths.
    /// - Parameter inside: how many dispatches of each had ended well before.
    /// - Returns: those of them that should be moved to shards of their own.
    mutating func noteDeath(of inside: [String: Int], at now: UInt64) -> [String] {
        let shares = inside.mapValues { 1 / (1 + min(Double($0), Self.mostCompleted)) }
        let all = shares.values.reduce(1 / Self.mostCompleted, +)
        defer { if weights.count > Self.mostKept { forget(at: now) } }
        return shares.filter { add(Self.death * $0.value / all, to: $0.key, at: now) }.keys.sorted()
    }

    private mutating func add(_ weight: Double, to worker: String, at now: UInt64) -> Bool {
        let weight = self.weight(of: worker, at: now) + weight
        weights[worker] = (weight, now)
        return weight >= Self.most
    }

    /// What is held against a worker.
    func weight(of worker: String, at now: UInt64) -> Double {
        guard let (weight, time) = weights[worker] else { return 0 }
        let halves = Double(now > time ? now - time : 0) / Double(Self.halfLife)
        return weight * exp2(-halves)
    }

    /// The worker was removed.
    mutating func forget(_ worker: String) { weights[worker] = nil }

    private mutating func forget(at now: UInt64) {
        let kept = weights.keys.sorted { weight(of: $0, at: now) > weight(of: $1, at: now) }.prefix(Self.mostKept / 2)
        weights = Dictionary(uniqueKeysWithValues: kept.compactMap { name in weights[name].map { (name, $0) } })
    }
}
