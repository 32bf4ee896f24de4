// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import ShardProtocol

/// How all shards are now.
package struct ShardsStatus: Sendable {
    /// Why a process was started in the place of another.
    package enum Restart: String, Sendable, CaseIterable {
        /// That ended by itself.
        case died
        /// That was killed, since nothing was heard of it.
        case hung
        /// That was old, or had lost too much.
        case replaced
    }

    /// The processes, in the order of their names; where there is none now, the place of one.
    package var shards: [ShardStatus]
    /// Starts since the server's, by their reasons.
    package var restarts: [Restart: Int]
}

/// How a shard's process is, or that there is none.
package struct ShardStatus: Sendable {
    /// What it does.
    package enum State: String, Sendable, CaseIterable {
        /// There is none: the next one is about to be started.
        case waiting
        /// It does not take requests yet.
        case starting
        /// It takes requests.
        case serving
        /// It takes no more requests.
        case leaving

        init(_ phase: ShardLife.Phase) {
            self =
                switch phase {
                case .waiting: .waiting
                case .starting: .starting
                case .serving: .serving
                case .ending: .leaving
                }
        }
    }

    /// The name of its place.
    package var name: String
    /// Unique among all processes; 0: there is none.
    package var number = 0
    /// What it does.
    package var state: State
    /// Requests and scheduled runs that it was sent.
    package var requests = 0
    /// Those under way, and runs.
    package var inFlight = 0
    /// Isolates that it has.
    package var isolates = 0
    /// What these hold, in bytes.
    package var heldBytes = 0
    /// Its resident memory, in bytes.
    package var residentBytes = 0
    /// Threads that it has lost.
    package var parkedThreads = 0
    /// The process's CPU time.
    package var cpuMicroseconds = 0

    init(_ place: Placement.Place, _ state: State, _ shard: Shard?) {
        name = place.description
        self.state = state
        guard let shard else { return }
        number = shard.number
        requests = shard.requests
        inFlight = shard.load
        let figures = shard.figures
        isolates = figures.isolates
        heldBytes = figures.heldBytes
        parkedThreads = figures.parkedThreads
        cpuMicroseconds = figures.cpuMicroseconds
        residentBytes = shard.process.map { Self.residentBytes(of: $0.id) } ?? 0
    }

    /// As the kernel says; a shard cannot read that itself.
    private static func residentBytes(of process: Int32) -> Int {
        guard let text = try? Data(contentsOf: URL(filePath: "/proc/\(process)/status")) else { return 0 }
        for line in text.split(separator: 10) where line.starts(with: "VmRSS:".utf8) {
            return String(decoding: line, as: UTF8.self).split(whereSeparator: \.isWhitespace).dropFirst().first
                .flatMap { Int($0) }.map { $0 << 10 } ?? 0
        }
        return 0
    }
}
