// SPDX-License-Identifier: Apache-2.0
internal import NIOCore
internal import NIOPosix
internal import Registry
internal import ShardProtocol
internal import Synchronization
internal import WorkerRuntime
internal import WorkerTypes

/// The processes of all shards: each place has one that serves, or will.
final class ShardSet: Shard.Owner {
    private struct Seat {
        var life: ShardLife
        /// The process that serves, or will.
        var shard: Shard?
        /// The one that takes its place, once it can.
        var next: Shard?

        var all: [Shard] { [shard, next].compactMap { $0 } }
        var serving: Shard? { shard.flatMap { $0.isServing ? $0 : nil } }
    }

    private struct Waiting {
        let dispatch: ShardedDispatch
        let description: WorkerDescription
        let libraries: [Library]
        let until: UInt64
    }

    private struct State {
        var placement: Placement
        var suspicion = Suspicion()
        var seats: [Placement.Place: Seat] = [:]
        var waiting: [Waiting] = []
        /// Those that finish what they have, and take nothing more.
        var leaving: [(shard: Shard, until: UInt64)] = []
        /// Workers in quarantine, and the trust with which they were placed.
        var quarantined: [String: WorkerManifest.Trust] = [:]
        var started = 0
        /// Why processes were started after the first ones.
        var restarts: [ShardsStatus.Restart: Int] = [:]
        var ticked: UInt64 = 0
        var isStopped = false
        var ticks: RepeatedTask?
    }

    /// What a tick finds to do, once the lock is open.
    private enum Chore {
        case start(Shard)
        case kill(Shard, String)
        case say(String)
        case refuse(ShardedDispatch)
    }

    /// Ticks that come later than this have kept nobody from talking, but us from listening; in nanoseconds.
    private static let lateTick: UInt64 = 100_000_000

    private let options: ShardedHost.Options
    private let observer: any WorkerObserver
    /// Looks after the processes.
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    /// Of the connections.
    private let loops: MultiThreadedEventLoopGroup
    private let state: Mutex<State>

    init(_ options: ShardedHost.Options, on loops: MultiThreadedEventLoopGroup?, observer: any WorkerObserver) {
        self.loops = loops ?? group
        self.options = options
        self.observer = observer
        state = Mutex(State(placement: Placement([.low: options.shards])))
        state.withLock { state in
            for place in state.placement.places(of: .trust(.low)) {
                state.seats[place] = makeSeat(place)
            }
        }
    }

    /// Starts the first processes, and looks after them from now on.
    func begin() {
        tick()
        let ticks = group.next().scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) {
            [weak self] _ in self?.tick()
        }
        state.withLock { $0.ticks = ticks }
    }

    private func makeSeat(_ place: Placement.Place) -> Seat {
        var rules = options.rules
        // It harms only itself there, and would have a new process with each request.
        if case .quarantine = place.group { rules.mostParkedThreads = options.mostParkedInQuarantine }
        return Seat(life: ShardLife(rules))
    }

    // MARK: Workers

    /// Finds a shard for a worker, one of the same trust.
    func place(_ worker: String, trust: WorkerManifest.Trust) {
        let (leaves, unfit) = state.withLock { state -> ([Shard], Shard?) in
            let old = state.placement.place(of: worker)
            let place = state.placement.place(worker, trust: trust)
            if state.seats[place] == nil { state.seats[place] = makeSeat(place) }
            if let before = state.quarantined[worker] {
                state.quarantined[worker] = trust
                // It stays, but its process may be none for this trust.
                let isUnfit = before != trust && options.lowTrustProgram != nil
                return ([], isUnfit ? state.seats[place]?.shard : nil)
            }
            guard let old, old.group != place.group else { return ([], nil) }
            return (state.placement.places(of: old.group).compactMap { state.seats[$0]?.serving }, nil)
        }
        for shard in leaves { shard.remove(worker) }
        guard let unfit else { return }
        options.onFault("the shard \(unfit.place) is ended: the trust of its worker has changed")
        unfit.kill()
    }

    /// Where a worker is; `nil`: nowhere.
    func place(of worker: String) -> ShardPlace? {
        state.withLock { state in
            state.placement.place(of: worker).map {
                ShardPlace(name: "\($0)", process: state.seats[$0]?.serving?.process.map { Int($0.id) })
            }
        }
    }

    /// Whose code a place's processes run.
    private func trust(of place: Placement.Place) -> WorkerManifest.Trust {
        switch place.group {
        case .trust(let trust), .trial(let trust): trust
        case .quarantine(let worker): state.withLock { $0.quarantined[worker] } ?? .low
        }
    }

    func remove(_ worker: String) {
        let until = MonotonicClock.now + options.drainTime
        let (shards, ended) = state.withLock { state in
            let place = state.placement.place(of: worker)
            state.placement.remove(worker)
            state.suspicion.forget(worker)
            state.quarantined[worker] = nil
            let ended = place.map { Self.close($0, until: until, &state) } ?? []
            return (state.seats.values.compactMap(\.serving), ended)
        }
        for shard in ended { shard.drain() }
        for shard in shards { shard.remove(worker) }
    }

    /// Gives the seat of a quarantine up; what is under way there has until then.
    /// - Returns: its processes.
    private static func close(_ place: Placement.Place, until: UInt64, _ state: inout State) -> [Shard] {
        guard case .quarantine = place.group, let seat = state.seats.removeValue(forKey: place) else { return [] }
        state.leaving += seat.all.map { ($0, until) }
        return seat.all
    }

    /// A worker did something bad.
    func note(_ harm: Suspicion.Harm, of worker: String) {
        let now = MonotonicClock.now
        move { $0.suspicion.note(harm, of: worker, at: now) ? [worker] : [] }
    }

    /// Moves workers that should have shards of their own.
    private func move(_ choose: (inout State) -> [String]) {
        let now = MonotonicClock.now
        let (moved, released, ended) = state.withLock { state in
            var (moved, released, ended): ([String], [String], [Shard]) = ([], [], [])
            for worker in choose(&state) {
                guard let trust = state.placement.trust(of: worker) else { continue }
                if let least = leastSuspect(than: worker, at: now, &state) {
                    ended += release(least, &state)
                    released.append(least)
                }
                guard let place = state.placement.quarantine(worker) else { continue }
                state.seats[place] = makeSeat(place)
                state.quarantined[worker] = trust
                for place in state.placement.places(of: .trust(trust)) { state.seats[place]?.serving?.remove(worker) }
                moved.append(worker)
            }
            return (moved, released, ended)
        }
        for shard in ended { shard.drain() }
        for worker in released { options.onFault("the worker \(worker) has no shard of its own any more") }
        for worker in moved {
            options.onFault("the worker \(worker) has harmed shards, and has one of its own from now on")
        }
    }

    /// Who leaves quarantine for a worker; `nil`: there is room, or nobody who is less of a suspect.
    private func leastSuspect(than worker: String, at now: UInt64, _ state: inout State) -> String? {
        guard state.quarantined.count >= state.placement.mostQuarantined else { return nil }
        let weights = state.quarantined.keys.map { ($0, state.suspicion.weight(of: $0, at: now)) }
        guard let least = weights.min(by: { $0.1 < $1.1 }), least.1 < state.suspicion.weight(of: worker, at: now) else {
            return nil
        }
        return least.0
    }

    /// Ends a worker's quarantine.
    /// - Returns: the processes that it had.
    private func release(_ worker: String, _ state: inout State) -> [Shard] {
        guard let trust = state.quarantined.removeValue(forKey: worker),
            let old = state.placement.place(of: worker), let place = state.placement.release(worker, trust: trust)
        else { return [] }
        if state.seats[place] == nil { state.seats[place] = makeSeat(place) }
        return Self.close(old, until: MonotonicClock.now + options.drainTime, &state)
    }

    // MARK: Requests

    private enum Way {
        case shard(Shard)
        case waits
        case refused(DispatchFailure)
    }

    /// Sends a dispatch to a shard of its worker, or lets it wait for one, or refuses it.
    func send(_ dispatch: ShardedDispatch, _ description: WorkerDescription, _ libraries: [Library]) {
        // Nearly always the worker's own shard takes it.
        let shard = state.withLock { state in
            state.placement.place(of: dispatch.worker.deployment.name).flatMap { state.seats[$0]?.serving }
        }
        if let shard, dispatch.send(to: shard, description, libraries) { return }
        send(
            Waiting(
                dispatch: dispatch, description: description, libraries: libraries,
                until: MonotonicClock.now + options.mostWait), gone: shard)
    }

    /// - Parameter gone: the shard that did not take it.
    private func send(_ one: Waiting, gone: Shard? = nil) {
        let name = one.dispatch.worker.deployment.name
        var tried: Set<Int> = gone.map { [$0.number] } ?? []
        while true {
            let way = state.withLock { state -> Way in
                for place in state.placement.candidates(for: name) {
                    if let shard = state.seats[place]?.serving, !tried.contains(shard.number) { return .shard(shard) }
                }
                guard !state.isStopped else { return .refused(.shuttingDown) }
                guard state.waiting.count < options.mostWaiting else { return .refused(.overloaded) }
                state.waiting.append(one)
                return .waits
            }
            switch way {
            case .shard(let shard):
                if one.dispatch.send(to: shard, one.description, one.libraries) { return }
                tried.insert(shard.number)
            case .waits: return
            case .refused(let failure): return one.dispatch.refuse(as: failure)
            }
        }
    }

    /// The shard in which versions of this trust are tried and modules run once; `nil`: there is none, for long.
    func trial(trust: WorkerManifest.Trust) async -> Shard? {
        let until = MonotonicClock.now + options.mostWait
        let place = Placement.Place(group: .trial(trust), index: 0)
        repeat {
            let shard = state.withLock { state in
                if state.seats[place] == nil, !state.isStopped {
                    state.seats[place] = makeSeat(place)
                }
                return state.seats[place]?.serving
            }
            if let shard { return shard }
            try? await ContinuousClock().sleep(for: .milliseconds(20))
        } while MonotonicClock.now < until
        return nil
    }

    /// All processes, those included that come and go.
    var processes: [Shard] { state.withLock { $0.seats.values.flatMap(\.all) + $0.leaving.map(\.shard) } }

    /// How all are.
    var status: ShardsStatus {
        let (seats, leaving, restarts) = state.withLock { ($0.seats, $0.leaving, $0.restarts) }
        let serving = seats.flatMap { place, seat in
            [ShardStatus(place, .init(seat.life.phase), seat.shard)]
                + (seat.next.map { [ShardStatus(place, .starting, $0)] } ?? [])
        }
        let shards = serving + leaving.map { ShardStatus($0.shard.place, .leaving, $0.shard) }
        return ShardsStatus(shards: shards.sorted { ($0.name, $0.number) < ($1.name, $1.number) }, restarts: restarts)
    }

    // MARK: Processes

    private func tick() {
        let now = MonotonicClock.now
        let chores = state.withLock { state -> [Chore] in
            guard !state.isStopped else { return [] }
            var chores: [Chore] = []
            let late = now - min(now, state.ticked)
            let excuse = state.ticked > 0 && late > Self.lateTick ? late : 0
            state.ticked = now
            for place in state.seats.keys {
                guard var seat = state.seats[place] else { continue }
                if excuse > 0 { seat.life.excuse(excuse) }
                switch seat.life.next(at: now, isHalted: { seat.shard?.isHalted ?? false }) {
                case .start:
                    seat.shard = makeShard(place, &state)
                    if let shard = seat.shard { chores.append(.start(shard)) }
                case .kill(let why):
                    state.restarts[.hung, default: 0] += 1
                    if let shard = seat.shard { chores.append(.kill(shard, why)) }
                case .replace(let why):
                    state.restarts[.replaced, default: 0] += 1
                    seat.next = makeShard(place, &state)
                    if let shard = seat.next {
                        chores += [.say("the shard \(place) is replaced: \(why)"), .start(shard)]
                    }
                case .giveUp(let why):
                    if let shard = seat.next { chores.append(.kill(shard, why)) }
                    seat.next = nil
                case nil: break
                }
                state.seats[place] = seat
            }
            let over = state.leaving.filter { now >= $0.until || $0.shard.load == 0 }
            if !over.isEmpty { state.leaving.removeAll { one in over.contains { $0.shard === one.shard } } }
            let refused = state.waiting.filter { $0.until <= now }
            if !refused.isEmpty { state.waiting.removeAll { $0.until <= now } }
            return chores + over.map { .kill($0.shard, "") } + refused.map { .refuse($0.dispatch) }
        }
        for chore in chores { perform(chore) }
    }

    private func makeShard(_ place: Placement.Place, _ state: inout State) -> Shard {
        state.started += 1
        return Shard(place, number: state.started, owner: self)
    }

    private func perform(_ chore: Chore) {
        switch chore {
        case .start(let shard):
            do {
                try shard.start(options.start(at: shard.place, trust: trust(of: shard.place)), on: loops)
            } catch {
                options.onFault("the shard \(shard.place) could not be started: \(error)")
                shardEnded(shard, nil)
            }
        case .kill(let shard, let why):
            if !why.isEmpty { options.onFault("the shard \(shard.place) is ended: \(why)") }
            shard.kill(isHalted: shard.isHalted)
        case .say(let text): options.onFault(text)
        case .refuse(let dispatch): dispatch.refuse(as: .overloaded)
        }
    }

    // MARK: What shards tell

    func shardIsReady(_ shard: Shard) {
        let now = MonotonicClock.now
        let (old, waiting) = state.withLock { state -> (Shard?, [Waiting]) in
            var old: Shard?
            if var seat = state.seats[shard.place] {
                if seat.next === shard, let before = seat.shard {
                    old = before
                    // What waits there for a thread that is lost waits for ever.
                    let isHarmed = before.figures.parkedThreads > 0
                    state.leaving.append((before, now + (isHarmed ? options.harmedDrainTime : options.drainTime)))
                    (seat.shard, seat.next) = (shard, nil)
                    seat.life.isReplaced(at: now)
                } else if seat.shard === shard {
                    seat.life.isReady(at: now)
                }
                state.seats[shard.place] = seat
            }
            defer { state.waiting = [] }
            return (old, state.waiting)
        }
        old?.drain()
        for one in waiting { send(one) }
    }

    func shardIsHeard(_ shard: Shard, _ figures: ShardFigures) {
        let idsLeft = shard.idsLeft
        state.withLock { state in
            guard state.seats[shard.place]?.shard === shard else { return }
            state.seats[shard.place]?.life.heard(
                at: MonotonicClock.now, parkedThreads: figures.parkedThreads, idsLeft: idsLeft)
        }
    }

    func shardLostThread(_ shard: Shard, of worker: String) {
        // A shard speaks of its own workers only: it may lie.
        let isItsOwn = state.withLock { $0.placement.candidates(for: worker).contains(shard.place) }
        if isItsOwn { note(.lostThread, of: worker) }
    }

    func shardEnded(_ shard: Shard, _ error: ProtocolError?) {
        let now = MonotonicClock.now
        let isReplacement = state.withLock { state in
            guard !state.isStopped, var seat = state.seats[shard.place] else { return false }
            defer { state.seats[shard.place] = seat }
            if seat.next === shard {
                seat.next = nil
                seat.life.replacementEnded(at: now)
                return true
            }
            guard seat.shard === shard else { return false }
            if seat.life.phase != .ending { state.restarts[.died, default: 0] += 1 }
            seat.life.ended(at: now)
            // One that was to take its place does so as soon as it can.
            (seat.shard, seat.next) = (seat.next, nil)
            return false
        }
        if let error { options.onFault("the shard \(shard.place) broke the protocol: \(error)") }
        if isReplacement {
            options.onFault("the new process of the shard \(shard.place) has ended; the old one goes on")
        }
    }

    func shardSays(_ shard: Shard, _ line: String) { options.onFault("shard \(shard.place): \(line)") }

    func shardIsUnbounded(_ shard: Shard, _ error: any Error) {
        options.onFault("the shard \(shard.place) has no control group: \(error)")
    }

    func shardExited(_ shard: Shard, _ end: ChildProcess.End) {
        let lost = shard.lostWorkers
        guard !state.withLock({ $0.isStopped }), !shard.isToEnd || !lost.isEmpty else { return }
        let inside =
            lost.isEmpty ? "with nothing inside" : "with these inside: " + lost.keys.sorted().joined(separator: ", ")
        options.onFault("the shard \(shard.place) has ended, \(inside) (\(end))")
        // What somebody has killed or stopped was not harmed by what is inside.
        guard !lost.isEmpty, !shard.isOthersDoing(end) else { return }
        let now = MonotonicClock.now
        move { $0.suspicion.noteDeath(of: lost, at: now) }
    }

    func log(_ line: LineDescription) {
        observer.observe(
            WorkerLogLine(
                id: 0, worker: line.worker, version: line.version, level: line.level, message: line.message,
                time: line.time))
    }

    // MARK: The end

    /// Ends all processes.
    func stop(within time: Duration) async {
        let (shards, waiting, ticks) = state.withLock { state in
            state.isStopped = true
            defer { (state.seats, state.waiting, state.leaving, state.ticks) = ([:], [], [], nil) }
            return (state.seats.values.flatMap(\.all) + state.leaving.map(\.shard), state.waiting, state.ticks)
        }
        ticks?.cancel()
        for one in waiting { one.dispatch.refuse(as: .shuttingDown) }
        for shard in shards { shard.drain() }
        let clock = ContinuousClock()
        let end = clock.now + time
        while clock.now < end, shards.contains(where: { $0.load > 0 }) { try? await clock.sleep(for: .milliseconds(5)) }
        for shard in shards { shard.kill() }
        try? await group.shutdownGracefully()
    }
}
