// SPDX-License-Identifier: Apache-2.0
public import Registry
public import WorkerRuntime

/// What has workers in service, as the admin API needs it.
public protocol WorkerHosting: Sendable {
    /// Takes a version into service instead of the one before.
    func install(_ version: WorkerVersion) async
    /// Takes a worker out of service.
    func remove(_ name: WorkerName) async
    /// Tries a version somewhere that is thrown away. A secret that keeps its value has none here.
    /// - Returns: what is wrong; nothing where all is well.
    func check(_ manifest: WorkerManifest, as name: WorkerName) async -> [DeploymentProblem]
    /// How a worker does; `nil` where there is none of this name in service.
    func status(of name: WorkerName) -> WorkerStatus?
    /// How workers do, with what is known of their isolates elsewhere, in the order of the names.
    func statuses(of names: [WorkerName]) async -> [WorkerStatus?]
    /// Why a worker's version is not in service, as a sentence; `nil` where it is, or where there is no such worker.
    func fault(of name: WorkerName) -> String?
    /// How all do.
    var status: HostStatus { get }
}

extension WorkerHosting {
    /// How workers do, where all is known at once.
    public func statuses(of names: [WorkerName]) async -> [WorkerStatus?] { names.map { status(of: $0) } }
}
