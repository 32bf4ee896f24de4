// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import Isolates
internal import Synchronization
internal import WorkerTypes

/// Hosts workers: each in isolates of its own, many in one process.
public final class WorkerHost: Sendable {
    /// What all workers share.
    public struct Options: Sendable {
        /// Threads that compute at a time.
        public var cores: Int
        /// Threads in all: those that are stuck in long turns have spares.
        public var mostThreads = 64
        /// Isolates at a time; idle ones make room for those that are wanted.
        public var mostIsolates = 4000
        /// Isolates that are made before a worker needs them.
        public var blankIsolates = 4
        /// How long a worker waits for room before its requests are refused.
        public var roomTime = Duration.seconds(5)
        /// Requests that may wait for one worker.
        public var mostQueued = 1000

        /// Options with a thread for each core.
        public init(cores: Int) { self.cores = max(1, cores) }
    }

    private struct State {
        var services: [String: WorkerService] = [:]
        var isDraining = false
    }

    private let core: HostCore
    private let options: Options
    private let state = Mutex(State())

    /// - Throws: `EngineError.refused`, where the system gives no thread.
    package init(
        _ host: IsolateHost, caches: CodeCaches? = nil, options: Options, observer: any WorkerObserver,
        hostObserver: (any HostObserver)? = nil
    ) throws(EngineError) {
        self.options = options
        let pool = try IsolatePool(cores: options.cores, mostThreads: options.mostThreads)
        core = HostCore(
            host, pool, caches: caches, mostIsolates: max(1, options.mostIsolates), roomTime: options.roomTime,
            blanks: max(0, options.blankIsolates), observer: observer, hostObserver: hostObserver)
    }

    /// A host of an engine.
    /// - Parameters:
    ///   - options: what all workers share.
    ///   - observer: hears of dispatches and console lines.
    ///   - hostObserver: hears of calls to the host.
    /// - Throws: `EngineError.refused`, where the system gives no thread.
    public convenience init(
        _ engine: WorkerEngine, options: Options, observer: any WorkerObserver, hostObserver: (any HostObserver)? = nil
    ) throws(EngineError) {
        try self.init(
            engine.host, caches: engine.caches, options: options, observer: observer, hostObserver: hostObserver)
    }

    // MARK: Workers

    /// Takes a version into service: the next request goes to it, what is under way ends on the one before. Its modules
    /// are evaluated with the first request.
    public func install(_ deployment: WorkerDeployment) {
        let known = state.withLock { state -> WorkerService? in
            if let service = state.services[deployment.name] { return service }
            state.services[deployment.name] = WorkerService(deployment, core, mostQueued: options.mostQueued)
            return nil
        }
        known?.install(deployment)
    }

    /// Takes a worker out of service. What is under way ends.
    public func remove(_ name: String) { state.withLock { $0.services.removeValue(forKey: name) }?.remove() }

    /// Evaluates the modules in a throwaway isolate, under the version's limits; no fault: they can be taken into service.
    public func check(_ deployment: WorkerDeployment) async -> [DeploymentFault] {
        await withCheckedContinuation { continuation in
            let resident = Resident(deployment, core, for: .check { continuation.resume(returning: $0) })
            resident.signal(.wake)
        }
    }

    // MARK: Dispatches

    /// Sends a request to a worker. Its responder hears of everything that becomes of it.
    public func dispatch(_ request: DispatchRequest, to name: String) {
        let (service, isDraining) = state.withLock { ($0.services[name], $0.isDraining) }
        if isDraining { return request.responder.fail(.shuttingDown) }
        guard let service else { return request.responder.fail(.unknownWorker) }
        service.dispatch(request)
    }

    // MARK: State

    /// How a worker is now; `nil`: there is none of that name.
    public func status(of name: String) -> WorkerStatus? { state.withLock { $0.services[name] }?.status }

    /// How all is now.
    public var status: HostStatus {
        let services = state.withLock { Array($0.services.values) }
        var status = HostStatus(workers: services.count)
        for service in services.map(\.status) {
            status.inFlight += service.inFlight
            status.queued += service.queued
            status.webSockets += service.webSockets
        }
        status.isolates = core.isolates
        status.blankIsolates = core.blanks.count
        status.heldBytes = Engine.load.heldBytes
        (status.threads, status.stuckThreads) = core.pool.threads
        return status
    }

    /// Takes no further requests, closes WebSockets with 1001, and waits until the requests under way are over, but no
    /// longer than this. Answers whether all came to their end.
    public func drain(within time: Duration) async -> Bool {
        state.withLock { $0.isDraining = true }
        return await wait(within: time) {
            closeSockets()
            let status = status
            return status.inFlight == 0 && status.queued == 0 && status.webSockets == 0
        }
    }

    private func closeSockets() {
        for service in state.withLock({ Array($0.services.values) }) { service.closeSockets() }
    }

    /// Ends all isolates, once they have nothing under way, and the threads. It is of no use afterwards.
    /// - Parameter time: to wait for isolates that do not end; what they hold stays.
    public func stop(within time: Duration = .seconds(10)) async {
        let services = state.withLock { state in
            state.isDraining = true
            return Array(state.services.values)
        }
        for service in services { service.retireAll() }
        core.blanks.stop()
        await wait(within: time) {
            closeSockets()
            return core.isolates == 0 && !core.blanks.isBusy
        }
        core.pool.stop()
    }

    @discardableResult
    private func wait(within time: Duration, until isOver: () -> Bool) async -> Bool {
        let clock = ContinuousClock()
        let end = clock.now + time
        while clock.now < end {
            if isOver() { return true }
            try? await clock.sleep(for: .milliseconds(5))
        }
        return isOver()
    }
}

/// How a host is now.
public struct HostStatus: Sendable, Equatable {
    /// Workers in service.
    public var workers: Int
    /// Isolates there are.
    public var isolates = 0
    /// Isolates in stock, that have no worker yet.
    public var blankIsolates = 0
    /// Dispatches under way.
    public var inFlight = 0
    /// Requests that wait.
    public var queued = 0
    /// WebSockets that are open.
    public var webSockets = 0
    /// Memory of all isolates, in bytes.
    public var heldBytes = 0
    /// Threads that run isolates.
    public var threads = 0
    /// Those of them that are in a long turn, or lost.
    public var stuckThreads = 0

    package init(workers: Int) { self.workers = workers }
}
