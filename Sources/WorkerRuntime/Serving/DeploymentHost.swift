// SPDX-License-Identifier: Apache-2.0

/// What has versions of workers in service, in this process or in others.
package protocol DeploymentHost: AnyObject, Sendable {
    /// Takes a version into service: the next request goes to it, what is under way ends on the one before.
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
    /// How all is now.
    var status: HostStatus { get }
    /// Takes no further requests, and waits until those under way are over, but no longer than this. Answers whether
    /// all came to their end.
    func drain(within time: Duration) async -> Bool
    /// Ends everything; it is of no use afterwards.
    func stop(within time: Duration) async
}

extension WorkerHost: DeploymentHost {}
