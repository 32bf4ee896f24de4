// SPDX-License-Identifier: Apache-2.0
internal import Registry

/// Which shard serves which worker, as a value.
///
/// Workers of one trust share shards with each other only. Among a group's shards a worker goes to the first of its own
/// order that has room: consistent hashing with bounded loads (Mirrokni, Thorup, Zadimoghaddam: arXiv 1608.01350).
/// Placed workers stay where they are until they are moved.
struct Placement: Sendable {
    /// Whose code shares a process.
    enum Group: Sendable, Hashable {
        case trust(WorkerManifest.Trust)
        /// Versions that are tried before they serve, and modules that are run once: nobody knows yet what they do.
        case trial(WorkerManifest.Trust)
        /// One worker's alone, which has harmed a shard.
        case quarantine(String)
    }

    /// A shard's place; the processes in it come and go.
    struct Place: Sendable, Hashable, CustomStringConvertible {
        let group: Group
        let index: Int

        var description: String {
            switch group {
            case .trust(let trust): "\(trust.rawValue)-\(index)"
            case .trial(let trust): "trial-\(trust.rawValue)"
            case .quarantine(let worker): "quarantine-\(worker)"
            }
        }
    }

    /// So much more than its share a shard may have.
    private static let most = 1.25

    private let counts: [WorkerManifest.Trust: Int]
    /// Shards for one worker each.
    let mostQuarantined: Int
    private var places: [String: Place] = [:]
    private var loads: [Place: Int] = [:]

    /// - Parameters:
    ///   - counts: shards of each trust; one where nothing is said.
    ///   - mostQuarantined: shards for one worker each.
    init(_ counts: [WorkerManifest.Trust: Int], mostQuarantined: Int = 8) {
        self.counts = counts.mapValues { max(1, $0) }
        self.mostQuarantined = mostQuarantined
    }

    /// The places of a group; those of a trust are there without workers too.
    func places(of group: Group) -> [Place] {
        guard case .trust(let trust) = group else { return [Place(group: group, index: 0)] }
        return (0..<(counts[trust] ?? 1)).map { Place(group: group, index: $0) }
    }

    /// Where a worker is; `nil`: it was not placed.
    func place(of worker: String) -> Place? { places[worker] }

    /// The trust of a worker that has a place among others of it.
    func trust(of worker: String) -> WorkerManifest.Trust? {
        if case .trust(let trust)? = places[worker]?.group { trust } else { nil }
    }

    /// How many workers a place has.
    func load(of place: Place) -> Int { loads[place] ?? 0 }

    /// Workers that are alone.
    var quarantined: [String] {
        places.compactMap { if case .quarantine = $0.value.group { $0.key } else { nil } }.sorted()
    }

    /// The places that may serve a worker, its own first: those of the same group, in the worker's own order.
    func candidates(for worker: String) -> [Place] {
        guard let place = places[worker] else { return [] }
        return [place] + order(of: worker, in: place.group).filter { $0 != place }
    }

    /// Places a worker, if it has no place of this trust. One in quarantine stays there.
    @discardableResult mutating func place(_ worker: String, trust: WorkerManifest.Trust) -> Place {
        if let place = places[worker] {
            if case .quarantine = place.group { return place }
            if place.group == .trust(trust) { return place }
            remove(worker)
        }
        let group = Group.trust(trust)
        let all = order(of: worker, in: group)
        let workers = all.reduce(1) { $0 + load(of: $1) }
        let room = Int((Double(workers) * Self.most / Double(all.count)).rounded(.up))
        // One has room: the room of all is more than there are workers.
        let place = all.first { load(of: $0) < room } ?? Place(group: group, index: 0)
        put(worker, at: place)
        return place
    }

    /// Gives a worker a shard of its own.
    /// - Returns: its place; `nil`: too many have one.
    mutating func quarantine(_ worker: String) -> Place? {
        guard let place = places[worker] else { return nil }
        if case .quarantine = place.group { return place }
        guard quarantined.count < mostQuarantined else { return nil }
        remove(worker)
        let own = Place(group: .quarantine(worker), index: 0)
        put(worker, at: own)
        return own
    }

    /// Ends a worker's quarantine: it goes back to the shards of its trust.
    /// - Returns: its place; `nil`: it was in none.
    mutating func release(_ worker: String, trust: WorkerManifest.Trust) -> Place? {
        guard case .quarantine? = places[worker]?.group else { return nil }
        remove(worker)
        return place(worker, trust: trust)
    }

    /// Forgets a worker, its quarantine too.
    mutating func remove(_ worker: String) {
        guard let place = places.removeValue(forKey: worker) else { return }
        loads[place] = load(of: place) > 1 ? load(of: place) - 1 : nil
    }

    private mutating func put(_ worker: String, at place: Place) {
        places[worker] = place
        loads[place, default: 0] += 1
    }

    /// By the weights that the worker gives each (rendezvous hashing): another shard moves only what goes to it.
    private func order(of worker: String, in group: Group) -> [Place] {
        places(of: group).map { ($0, Self.weight(of: worker, at: $0.index)) }.sorted { $0.1 > $1.1 }.map(\.0)
    }

    /// FNV-1a over the name, mixed with the index by SplitMix64's last step: the same in every process.
    private static func weight(of worker: String, at index: Int) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in worker.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        hash = hash &+ UInt64(truncatingIfNeeded: index) &* 0x9e37_79b9_7f4a_7c15
        hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
        hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
        return hash ^ hash >> 31
    }
}
