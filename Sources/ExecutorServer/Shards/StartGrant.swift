// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import WorkerRuntime

/// What isolates of a version may do of the host outside of dispatches, each as much as in one dispatch.
struct StartGrant: Sendable {
    private let worker: String
    private let bindings: [HostBinding]
    private let limits: HostLimits

    init(_ deployment: WorkerDeployment) {
        worker = deployment.name
        bindings = deployment.bindings
        limits = deployment.hostLimits
    }

    /// The scope of one isolate.
    func makeScope() -> CallScope { CallScope(caller: worker, bindings: bindings, limits: limits) }
}
