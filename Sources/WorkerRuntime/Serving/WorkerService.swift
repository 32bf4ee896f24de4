// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
internal import WorkerTypes

/// One worker of a host: its version in service, its isolates, and the requests that wait for it.
final class WorkerService: Sendable {
    private struct State {
        var deployment: WorkerDeployment
        var isRemoved = false
        /// The isolate that takes requests, where isolates stay.
        var resident: Resident?
        /// Isolates there are, those that only finish what they have too.
        var isolates: [ObjectIdentifier: Resident] = [:]
        /// Requests that wait for a fresh isolate.
        var waiting = FirstInFirstOut<DispatchRequest>()
        /// Fresh isolates that only have WebSockets any more.
        var lingering: [ObjectIdentifier: Resident] = [:]
        /// WebSockets that are open.
        var sockets = 0
        var requests = 0
        var errors = 0
        var cpu: UInt64 = 0

        var all: [Resident] { Array(isolates.values) + Array(lingering.values) }
    }

    private let state: Mutex<State>
    private let core: HostCore
    /// Requests that may wait for the worker.
    private let mostQueued: Int

    init(_ deployment: WorkerDeployment, _ core: HostCore, mostQueued: Int) {
        state = Mutex(State(deployment: deployment))
        self.core = core
        self.mostQueued = mostQueued
    }

    // MARK: Requests

    /// Takes a request, or tells its responder why not.
    func dispatch(_ request: DispatchRequest) {
        while true {
            switch place(request) {
            case .resident(let resident):
                // One that ended meanwhile takes none: the next one is made.
                if resident.take(request) { return }
                retire(resident)
            case .waits: return
            case .refused(let failure): return request.responder.fail(failure)
            }
        }
    }

    private enum Place {
        case resident(Resident)
        case waits
        case refused(DispatchFailure)
    }

    private func place(_ request: DispatchRequest) -> Place {
        state.withLock { state in
            guard !state.isRemoved else { return .refused(.unknownWorker) }
            if request.webSocketProtocols != nil, state.sockets >= state.deployment.webSockets {
                return .refused(.overloaded)
            }
            if state.deployment.mode == .fresh { return placeFresh(request, &state) }
            if let resident = state.resident {
                return resident.waiting < mostQueued ? .resident(resident) : .refused(.overloaded)
            }
            let resident = makeResident(&state)
            state.resident = resident
            return .resident(resident)
        }
    }

    private func placeFresh(_ request: DispatchRequest, _ state: inout State) -> Place {
        if state.isolates.count < state.deployment.concurrency { return .resident(makeResident(&state)) }
        guard state.waiting.count < mostQueued else { return .refused(.overloaded) }
        state.waiting.add(request)
        return .waits
    }

    private func makeResident(_ state: inout State) -> Resident {
        let resident = Resident(state.deployment, core, for: .service(self))
        state.isolates[ObjectIdentifier(resident)] = resident
        return resident
    }

    // MARK: What isolates tell

    /// It takes no further requests.
    func retire(_ resident: Resident) {
        state.withLock { state in
            if state.resident === resident { state.resident = nil }
        }
    }

    /// It is no more; these requests it had not begun.
    func ended(_ resident: Resident, _ rest: [DispatchRequest]) {
        let next = state.withLock { state -> DispatchRequest? in
            if state.resident === resident { state.resident = nil }
            if state.lingering.removeValue(forKey: ObjectIdentifier(resident)) != nil { return nil }
            state.isolates[ObjectIdentifier(resident)] = nil
            return state.waiting.take()
        }
        for request in rest { dispatch(request) }
        if let next { dispatch(next) }
    }

    /// A dispatch is over, on the thread that runs the isolate.
    func finished(_ dispatch: ActiveDispatch, _ resident: Resident) {
        let isFresh = resident.deployment.mode == .fresh
        let next = state.withLock { state -> DispatchRequest? in
            state.requests += 1
            if dispatch.outcome != .ok { state.errors += 1 }
            state.cpu += dispatch.cpu
            // A WebSocket may be open for long: it takes the place of no request.
            guard isFresh, resident.openSockets > 0,
                state.isolates.removeValue(forKey: ObjectIdentifier(resident)) != nil
            else { return nil }
            state.lingering[ObjectIdentifier(resident)] = resident
            return state.waiting.take()
        }
        if isFresh { resident.retire() }
        if let next { self.dispatch(next) }
    }

    /// Whether another WebSocket may be open.
    func addSocket() -> Bool {
        state.withLock { state in
            guard state.sockets < state.deployment.webSockets else { return false }
            state.sockets += 1
            return true
        }
    }

    /// One is closed, on any thread.
    func removeSocket(_ opened: ActiveDispatch, _ outcome: Outcome) {
        state.withLock { state in
            state.sockets -= 1
            if outcome != .ok { state.errors += 1 }
            state.cpu += opened.cpu
        }
    }

    // MARK: Versions

    /// Takes another version into service. What is under way ends on the one before.
    func install(_ deployment: WorkerDeployment) {
        replace { $0.deployment = deployment }
    }

    /// Takes no further requests.
    func remove() {
        let waiting = replace { $0.isRemoved = true }
        for request in waiting { request.responder.fail(.unknownWorker) }
    }

    /// Ends all isolates once they have nothing under way.
    func retireAll() { for resident in state.withLock({ $0.all }) { resident.signal(.retire) } }

    /// Closes all WebSockets, if there are any: the server ends.
    func closeSockets() {
        for resident in state.withLock({ $0.sockets > 0 ? $0.all : [] }) { resident.signal(.closeSockets) }
    }

    @discardableResult
    private func replace(_ change: (inout State) -> Void) -> [DispatchRequest] {
        let (old, waiting) = state.withLock { state in
            change(&state)
            state.resident = nil
            return (state.all, state.isRemoved ? state.waiting.takeAll() : [])
        }
        for resident in old { resident.signal(.retire) }
        return waiting
    }

    /// How it is now.
    var status: WorkerStatus {
        state.withLock { state in
            WorkerStatus(
                version: state.deployment.version, isolates: state.all.count,
                inFlight: state.all.reduce(0) { $0 + $1.inFlight },
                queued: state.all.reduce(state.waiting.count) { $0 + $1.waiting }, webSockets: state.sockets,
                heldBytes: state.all.reduce(0) { $0 + $1.heldBytes },
                cpuMicroseconds: Int(state.cpu / 1000), requests: state.requests, errors: state.errors)
        }
    }
}

/// How a worker is now.
public struct WorkerStatus: Sendable, Equatable {
    /// The version in service.
    public var version: Int
    /// Isolates that have it, or an earlier version of it.
    public var isolates: Int
    /// Dispatches under way.
    public var inFlight: Int
    /// Requests that wait.
    public var queued: Int
    /// WebSockets that are open.
    public var webSockets = 0
    /// Memory of its isolates when they were last looked at, in bytes.
    public var heldBytes: Int
    /// CPU time since it was installed first.
    public var cpuMicroseconds: Int
    /// Dispatches that are over.
    public var requests: Int
    /// Those of them that did not end well.
    public var errors: Int
    /// The shard that it is on; `nil`: its isolates are in this process.
    public var shard: ShardPlace?
}

/// Where a worker's isolates are, when they are in a child process.
public struct ShardPlace: Sendable, Equatable {
    /// The place among the shards, whose processes come and go.
    public var name: String
    /// The process that serves there; `nil`: there is none now.
    public var process: Int?

    /// A place.
    public init(name: String, process: Int? = nil) {
        self.name = name
        self.process = process
    }
}

extension WorkerStatus {
    /// Of a worker whose isolates are elsewhere, and not known.
    package init(version: Int, inFlight: Int, cpuMicroseconds: Int, requests: Int, errors: Int) {
        self.init(
            version: version, isolates: 0, inFlight: inFlight, queued: 0, heldBytes: 0,
            cpuMicroseconds: cpuMicroseconds, requests: requests, errors: errors)
    }
}
