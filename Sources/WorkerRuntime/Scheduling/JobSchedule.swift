// SPDX-License-Identifier: Apache-2.0

/// Whose job is next. A client has one under way at a time, and clients take turns, so that nobody waits for more than
/// one job of each other.
struct JobSchedule<Work> {
    typealias Client = Int

    /// How many jobs of one client may wait.
    let mostWaiting: Int
    private var waiting: [Client: [Work]] = [:]
    /// Clients that have jobs and none under way, the one that waits longest first.
    private var ready: [Client] = []
    private var running: Set<Client> = []
    private var lastClient = 0

    init(mostWaiting: Int) { self.mostWaiting = mostWaiting }

    mutating func makeClient() -> Client {
        lastClient += 1
        return lastClient
    }

    func hasRoom(for client: Client) -> Bool { waiting[client, default: []].count < mostWaiting }

    mutating func add(_ work: Work, of client: Client) {
        waiting[client, default: []].append(work)
        if !running.contains(client), !ready.contains(client) { ready.append(client) }
    }

    /// The job to do now, which is under way until `finish`.
    mutating func next() -> (client: Client, work: Work)? {
        guard let client = ready.first, let work = waiting[client]?.first else { return nil }
        ready.removeFirst()
        waiting[client]?.removeFirst()
        running.insert(client)
        return (client, work)
    }

    mutating func finish(_ client: Client) {
        running.remove(client)
        if waiting[client]?.isEmpty == false { ready.append(client) } else { waiting[client] = nil }
    }

    /// Forgets what waits.
    mutating func drop(_ client: Client) -> [Work] {
        ready.removeAll { $0 == client }
        return waiting.removeValue(forKey: client) ?? []
    }
}
