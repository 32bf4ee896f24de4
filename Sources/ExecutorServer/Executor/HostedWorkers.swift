// SPDX-License-Identifier: Apache-2.0
internal import Registry
internal import Synchronization
internal import WorkerRuntime

/// The workers of a registry in service on a host.
final class HostedWorkers: WorkerHosting {
    private let host: any DeploymentHost
    private let factory: DeploymentFactory
    private let onFault: @Sendable (String) -> Void
    /// Why versions that are to be in service are not.
    private let faults = Mutex<[WorkerName: String]>([:])

    init(_ host: any DeploymentHost, _ factory: DeploymentFactory, onFault: @escaping @Sendable (String) -> Void) {
        self.host = host
        self.factory = factory
        self.onFault = onFault
    }

    /// Takes all workers of a registry into service. One that cannot be is reported, and keeps no other one back.
    func installAll(of registry: WorkerRegistry) async throws(RegistryError) {
        var last: WorkerName?
        var isComplete = false
        while !isComplete {
            let page = try await registry.list(after: last, limit: 1000)
            for worker in page.workers {
                do {
                    install(try await registry.load(worker.name))
                } catch let error where error.kind == .corrupt {
                    note(error.description, of: worker.name, worker.service.number)
                }
            }
            last = page.workers.last?.name
            isComplete = page.isComplete
        }
    }

    func install(_ version: WorkerVersion) {
        do throws(BindingError) {
            host.install(try factory.deployment(of: version))
            faults.withLock { $0[version.worker] = nil }
        } catch {
            note("\(error)", of: version.worker, version.summary.number)
        }
    }

    private func note(_ why: String, of worker: WorkerName, _ version: Int) {
        let fault = "version \(version) cannot be served: \(why)"
        faults.withLock { $0[worker] = fault }
        onFault("the worker \(worker): \(fault)")
    }

    func remove(_ name: WorkerName) {
        host.remove(name.description)
        factory.remove(name)
        faults.withLock { $0[name] = nil }
    }

    func check(_ manifest: WorkerManifest, as name: WorkerName) async -> [DeploymentProblem] {
        do throws(BindingError) {
            return await host.check(try factory.candidate(manifest, as: name)).map(DeploymentProblem.init)
        } catch {
            return [error.problem]
        }
    }

    func status(of name: WorkerName) -> WorkerStatus? { host.status(of: name.description) }
    func statuses(of names: [WorkerName]) async -> [WorkerStatus?] {
        await host.statuses(of: names.map(\.description))
    }
    func fault(of name: WorkerName) -> String? { faults.withLock { $0[name] } }
    var status: HostStatus { host.status }
}

extension DeploymentProblem {
    init(_ fault: DeploymentFault) {
        let kind: Kind =
            switch fault.kind {
            case .syntax: .syntax
            case .resolution: .resolution
            case .evaluation: .evaluation
            case .limit: .limit
            case .exports: .exports
            case .room: .room
            case .host: .host
            }
        self.init(
            kind, fault.message, module: DeployedModules.name(of: fault.file), line: fault.line > 0 ? fault.line : nil,
            column: fault.column > 0 ? fault.column : nil, stack: fault.stack.isEmpty ? nil : fault.stack)
    }
}
