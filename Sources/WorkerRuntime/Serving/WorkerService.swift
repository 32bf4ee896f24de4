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
        var requests = 0
        var errors = 0
        var cpu: UInt64 = 0
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
            state.isolates[ObjectIdentifier(resident)] = nil
            if state.resident === resident { state.resident = nil }
            return state.waiting.take()
        }
        for request in rest { dispatch(request) }
        if let next { dispatch(next) }
    }

    /// A dispatch is over, on the thread that runs the isolate.
    func finished(_ dispatch: ActiveDispatch, _ resident: Resident) {
        let isFresh = state.withLock { state in
            state.requests += 1
            if dispatch.outcome != .ok { state.errors += 1 }
            state.cpu += dispatch.cpu
            return resident.deployment.mode == .fresh
        }
        if isFresh { resident.retire() }
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
    func retireAll() { for resident in state.withLock({ Array($0.isolates.values) }) { resident.signal(.retire) } }

    @discardableResult
    private func replace(_ change: (inout State) -> Void) -> [DispatchRequest] {
        let (old, waiting) = state.withLock { state in
            change(&state)
            state.resident = nil
            return (Array(state.isolates.values), state.isRemoved ? state.waiting.takeAll() : [])
        }
        for resident in old { resident.signal(.retire) }
        return waiting
    }

    /// How it is now.
    var status: WorkerStatus {
        state.withLock { state in
            WorkerStatus(
                version: state.deployment.version, isolates: state.isolates.count,
                inFlight: state.isolates.values.reduce(0) { $0 + $1.inFlight },
                queued: state.isolates.values.reduce(state.waiting.count) { $0 + $1.waiting },
                heldBytes: state.isolates.values.reduce(0) { $0 + $1.heldBytes },
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
    /// Memory of its isolates when they were last looked at, in bytes.
    public var heldBytes: Int
    /// CPU time since it was installed first.
    public var cpuMicroseconds: Int
    /// Dispatches that are over.
    public var requests: Int
    /// Those of them that did not end well.
    public var errors: Int
}
