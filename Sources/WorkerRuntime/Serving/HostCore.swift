// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI
internal import Isolates
internal import Synchronization
internal import WorkerTypes

/// What all isolates that serve workers share: threads, room, and who hears of them.
final class HostCore: Sendable {
    /// So many requests are begun in one go.
    static let batch = 32
    /// How long a worker waits for room before its requests are refused, in nanoseconds.
    private let longestWait: UInt64
    /// How long it waits before isolates have to go that have nothing under way but WebSockets, in nanoseconds.
    private static let idleWait: UInt64 = 1_000_000_000

    let host: IsolateHost
    let pool: IsolatePool
    let blanks: BlankSupply
    let caches: CodeCaches?
    let observer: any WorkerObserver
    let hostObserver: (any HostObserver)?
    let traces = TraceSource()
    private let mostIsolates: Int
    private let state = Mutex(State())
    private let retry: WakeTimer
    /// Milliseconds since 1970 at the beginning of `MonotonicClock`.
    private let epoch: Double

    private struct State {
        /// Those that have an isolate.
        var live: [ObjectIdentifier: Resident] = [:]
        var wanting: [(resident: Resident, since: UInt64)] = []
        var isRetrying = false
    }

    init(
        _ host: IsolateHost, _ pool: IsolatePool, caches: CodeCaches?, mostIsolates: Int, roomTime: Duration,
        blanks: Int,
        observer: any WorkerObserver, hostObserver: (any HostObserver)?
    ) {
        self.host = host
        self.pool = pool
        self.blanks = BlankSupply(host, pool, most: blanks)
        self.caches = caches
        self.mostIsolates = mostIsolates
        longestWait = roomTime.wholeNanoseconds
        self.observer = observer
        self.hostObserver = hostObserver
        retry = WakeTimer(on: pool.clock.loop)
        epoch = Date().timeIntervalSince1970 * 1e3 - Double(MonotonicClock.now) / 1e6
    }

    /// Milliseconds since 1970 of a time of `MonotonicClock`.
    func wallClock(_ time: UInt64) -> Double { epoch + Double(time) / 1e6 }

    /// Isolates that there are.
    var isolates: Int { state.withLock { $0.live.count } }

    /// Sends answers, those of one front together.
    func send(_ answers: [DispatchAnswer]) {
        var rest = answers
        while let first = rest.first {
            guard let front = first.front else {
                first.responder.respond(first)
                rest.removeFirst()
                continue
            }
            let others = rest.filter { $0.front !== front }
            front.respond(others.isEmpty ? rest : rest.filter { $0.front === front })
            rest = others
        }
    }

    /// A scope of a dispatch that is over: every call in it is refused.
    func ended(_ deployment: WorkerDeployment) -> CallScope {
        let scope = CallScope(caller: deployment.name, bindings: deployment.bindings, limits: deployment.hostLimits)
        scope.end()
        return scope
    }

    // MARK: Room

    /// Whether it may make an isolate now; if not, it is queued again when it may.
    func admit(_ resident: Resident) -> Bool {
        let hasRoom = state.withLock { state in
            guard state.live.count < mostIsolates else { return false }
            state.live[ObjectIdentifier(resident)] = resident
            return true
        }
        if !hasRoom { wantRoom(resident) }
        return hasRoom
    }

    /// There is no room: idle isolates have to go first.
    func wantRoom(_ resident: Resident) {
        let now = MonotonicClock.now
        state.withLock { state in
            state.live[ObjectIdentifier(resident)] = nil
            if !state.wanting.contains(where: { $0.resident === resident }) { state.wanting.append((resident, now)) }
        }
        makeRoom()
    }

    /// An isolate is gone.
    func ended(_ resident: Resident) {
        let next = state.withLock { state -> Resident? in
            state.live[ObjectIdentifier(resident)] = nil
            return state.wanting.isEmpty ? nil : state.wanting.removeFirst().resident
        }
        next?.signal(.wake)
    }

    /// Has the isolates go that were idle for longest, for those that want room.
    private func makeRoom() {
        let now = MonotonicClock.now
        let (idle, late, retries) = state.withLock { state -> ([Resident], [Resident], Bool) in
            let late = state.wanting.filter { now - $0.since > longestWait }.map(\.resident)
            state.wanting.removeAll { now - $0.since > longestWait }
            guard !state.wanting.isEmpty else { return ([], late, false) }
            // Some more than are wanted, so that the next ones need not wait.
            let wanted = max(state.wanting.count, state.live.count / 50)
            let idle = state.live.values.filter { $0.inFlight == 0 && $0.waiting == 0 }
                .sorted { $0.lastUse.load(ordering: .relaxed) < $1.lastUse.load(ordering: .relaxed) }
            var chosen = idle.filter { $0.openSockets == 0 }.prefix(wanted)
            let needy = state.wanting.count { now - $0.since > Self.idleWait }
            if needy > chosen.count { chosen += idle.filter { $0.openSockets > 0 }.prefix(needy - chosen.count) }
            defer { state.isRetrying = true }
            return (Array(chosen), late, !state.isRetrying)
        }
        for resident in late { resident.signal(.giveUp) }
        for resident in idle { resident.signal(.evict) }
        if retries { retryLater() }
    }

    private func retryLater() {
        retry.start(after: .milliseconds(10)) { [weak self] in
            guard let self else { return }
            let next = state.withLock { state -> Resident? in
                state.isRetrying = false
                guard state.live.count < mostIsolates, !state.wanting.isEmpty else { return nil }
                return state.wanting.removeFirst().resident
            }
            next?.signal(.wake)
            makeRoom()
        }
    }
}
