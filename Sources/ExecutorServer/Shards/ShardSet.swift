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
        /// Those that finish what they have.
        var leaving: [(shard: Shard, until: UInt64)] = []

        var all: [Shard] { [shard, next].compactMap { $0 } + leaving.map(\.shard) }
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
        var started = 0
        /// Why processes were started after the first ones.
        var restarts: [ShardsStatus.Restart: Int] = [:]
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

    private let options: ShardedHost.Options
    private let observer: any WorkerObserver
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let state: Mutex<State>

    init(_ options: ShardedHost.Options, observer: any WorkerObserver) {
        self.options = options
        self.observer = observer
        state = Mutex(State(placement: Placement([.low: options.shards])))
        state.withLock { state in
            for place in state.placement.places(of: .trust(.low)) {
                state.seats[place] = Seat(life: ShardLife(options.rules))
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

    // MARK: Workers

    /// Finds a shard for a worker, one of the same trust.
    func place(_ worker: String, trust: WorkerManifest.Trust) {
        state.withLock { state in
            let place = state.placement.place(worker, trust: trust)
            if state.seats[place] == nil { state.seats[place] = Seat(life: ShardLife(options.rules)) }
        }
    }

    func remove(_ worker: String) {
        let shards = state.withLock { state in
            let place = state.placement.place(of: worker)
            state.placement.remove(worker)
            state.suspicion.forget(worker)
            defer {
                if let place, case .quarantine = place.group, let seat = state.seats.removeValue(forKey: place) {
                    for shard in seat.all { shard.kill() }
                }
            }
            return state.seats.values.compactMap(\.serving)
        }
        for shard in shards { shard.remove(worker) }
    }

    /// Something bad happened with these workers inside.
    func note(_ harm: Suspicion.Harm, of workers: some Sequence<String>) {
        let now = MonotonicClock.now
        let moved = state.withLock { state in
            state.suspicion.note(harm, of: workers, at: now).filter { worker in
                guard let old = state.placement.place(of: worker), let place = state.placement.quarantine(worker),
                    place != old
                else { return false }
                state.seats[place] = Seat(life: ShardLife(options.rules))
                state.seats[old]?.serving?.remove(worker)
                return true
            }
        }
        for worker in moved {
            options.onFault("the worker \(worker) has harmed shards, and has one of its own from now on")
        }
    }

    // MARK: Requests

    private enum Way {
        case shard(Shard)
        case waits
        case refused(DispatchFailure)
    }

    /// Sends a dispatch to a shard of its worker, or lets it wait for one, or refuses it.
    func send(_ dispatch: ShardedDispatch, _ description: WorkerDescription, _ libraries: [Library]) {
        send(
            Waiting(
                dispatch: dispatch, description: description, libraries: libraries,
                until: MonotonicClock.now + options.mostWait))
    }

    private func send(_ one: Waiting) {
        let name = one.dispatch.worker.deployment.name
        var tried: Set<Int> = []
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
                    state.seats[place] = Seat(life: ShardLife(options.rules))
                }
                return state.seats[place]?.serving
            }
            if let shard { return shard }
            try? await ContinuousClock().sleep(for: .milliseconds(20))
        } while MonotonicClock.now < until
        return nil
    }

    /// All processes, those included that come and go.
    var processes: [Shard] { state.withLock { $0.seats.values.flatMap(\.all) } }

    /// How all are.
    var status: ShardsStatus {
        let (seats, restarts) = state.withLock { ($0.seats, $0.restarts) }
        let shards = seats.flatMap { place, seat in
            [ShardStatus(place, .init(seat.life.phase), seat.shard)]
                + (seat.next.map { [ShardStatus(place, .starting, $0)] } ?? [])
                + seat.leaving.map { ShardStatus(place, .leaving, $0.shard) }
        }
        return ShardsStatus(shards: shards.sorted { ($0.name, $0.number) < ($1.name, $1.number) }, restarts: restarts)
    }

    // MARK: Processes

    private func tick() {
        let now = MonotonicClock.now
        let chores = state.withLock { state -> [Chore] in
            guard !state.isStopped else { return [] }
            var chores: [Chore] = []
            for place in state.seats.keys {
                guard var seat = state.seats[place] else { continue }
                switch seat.life.next(at: now) {
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
                case nil: break
                }
                for (shard, until) in seat.leaving where now >= until || shard.load == 0 {
                    chores.append(.kill(shard, ""))
                }
                seat.leaving.removeAll { now >= $0.until || $0.shard.load == 0 }
                state.seats[place] = seat
            }
            let late = state.waiting.filter { $0.until <= now }
            if !late.isEmpty { state.waiting.removeAll { $0.until <= now } }
            return chores + late.map { .refuse($0.dispatch) }
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
                try shard.start(options.program, options.settings, on: group)
            } catch {
                options.onFault("the shard \(shard.place) could not be started: \(error)")
                shardEnded(shard, nil)
            }
        case .kill(let shard, let why):
            if !why.isEmpty { options.onFault("the shard \(shard.place) is ended: \(why)") }
            shard.kill()
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
                    seat.leaving.append((before, now + options.drainTime))
                    (seat.shard, seat.next, seat.life) = (shard, nil, ShardLife(options.rules))
                    _ = seat.life.next(at: now)
                }
                seat.life.isReady(at: now)
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
        if isItsOwn { note(.lostThread, of: [worker]) }
    }

    func shardEnded(_ shard: Shard, _ error: ProtocolError?) {
        let now = MonotonicClock.now
        let isExpected = state.withLock { state in
            guard !state.isStopped, var seat = state.seats[shard.place] else { return true }
            defer { state.seats[shard.place] = seat }
            if seat.next === shard { seat.next = nil }
            guard seat.shard === shard else { return !shard.isServing }
            seat.shard = nil
            if seat.life.phase != .ending { state.restarts[.died, default: 0] += 1 }
            seat.life.ended(at: now)
            return false
        }
        guard !isExpected else { return }
        let lost = shard.lostWorkers
        let inside =
            lost.isEmpty ? "with nothing inside" : "with these inside: " + lost.sorted().joined(separator: ", ")
        options.onFault("the shard \(shard.place) has ended\(error.map { " (\($0))" } ?? ""), \(inside)")
        note(.death, of: lost)
    }

    func shardExited(_ shard: Shard, _ end: ChildProcess.End) {
        let isExpected = state.withLock { state in
            guard !state.isStopped, let seat = state.seats[shard.place] else { return true }
            return seat.leaving.contains { $0.shard === shard }
        }
        if !isExpected, end != .exited(0) { options.onFault("the process of the shard \(shard.place) ended by \(end)") }
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
            defer { (state.seats, state.waiting, state.ticks) = ([:], [], nil) }
            return (state.seats.values.flatMap(\.all), state.waiting, state.ticks)
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
