// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Synchronization
public import WorkerTypes

/// What has versions of workers in service, in this process or in others.
public protocol DeploymentHost: AnyObject, Sendable {
    /// Takes a version into service: the next request goes to it, what is under way ends on the one before. Its modules
    /// are evaluated with the first request.
    func install(_ deployment: WorkerDeployment)
    /// Takes a worker out of service. What is under way ends.
    func remove(_ name: String)
    /// Evaluates the modules in a throwaway isolate, under the version's limits; no fault: they can be taken into
    /// service.
    func check(_ deployment: WorkerDeployment) async -> [DeploymentFault]
    /// Sends a request to a worker. Its responder hears of everything that becomes of it.
    func dispatch(_ request: DispatchRequest, to name: String)
    /// How a worker is now; `nil`: there is none of that name.
    func status(of name: String) -> WorkerStatus?
    /// How workers are now, also where their isolates are elsewhere, in the order of the names.
    func statuses(of names: [String]) async -> [WorkerStatus?]
    /// How all is now.
    var status: HostStatus { get }
    /// Takes no further requests, closes WebSockets with 1001, and waits until the requests under way are over, but no
    /// longer than this. Answers whether all came to their end.
    func drain(within time: Duration) async -> Bool
    /// Ends everything; it is of no use afterwards.
    func stop(within time: Duration) async
}

extension WorkerHost: DeploymentHost {
    /// How workers are now, in the order of the names.
    public func statuses(of names: [String]) async -> [WorkerStatus?] { names.map { status(of: $0) } }
}

extension DeploymentHost {
    /// Asks a worker and collects its answer.
    /// - Parameter most: bytes of the answer's body; more ends it.
    /// - Throws: why there is no answer.
    public func fetch(
        _ request: WorkerRequest, from name: String, most: Int = 64 << 20
    ) async throws(DispatchFailure) -> WorkerResponse {
        let head = Array(request.headText.latin1Bytes)
        let body = request.body.map { DispatchRequest.Body.bytes($0) } ?? .none
        let result = await withCheckedContinuation { continuation in
            let collector = ResponseCollector(most: most) { continuation.resume(returning: $0) }
            dispatch(DispatchRequest(id: InsideIDs.next(), head: head, body: body, responder: collector), to: name)
        }
        return try result.get()
    }

    /// Calls the worker's `scheduled` handler, and waits for the end of all that it began.
    /// - Parameters:
    ///   - cron: the expression that is due.
    ///   - scheduledTime: the time that is due, in milliseconds since 1970.
    public func runScheduled(
        _ name: String, cron: String, scheduledTime: Double
    ) async throws(DispatchFailure) -> Outcome {
        let result = await withCheckedContinuation { continuation in
            let waiter = ScheduledWaiter { continuation.resume(returning: $0) }
            var request = DispatchRequest(id: InsideIDs.next(), head: Array(cron.utf8), responder: waiter)
            request.kind = .scheduled
            request.scheduledTime = scheduledTime
            dispatch(request, to: name)
        }
        return try result.get()
    }
}

/// Numbers of requests that come from inside the process; those of fronts have the number of a loop in the upper half.
enum InsideIDs {
    private static let count = Atomic<UInt64>(1)

    static func next() -> UInt64 { count.add(1, ordering: .relaxed).oldValue & 0xFFFF_FFFF | 0x1F_FFFF << 32 }
}
