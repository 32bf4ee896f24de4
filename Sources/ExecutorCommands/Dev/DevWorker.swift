// SPDX-License-Identifier: Apache-2.0
internal import ExecutorServer
internal import FoundationEssentials
internal import HostAPI
internal import Isolates
internal import Registry
internal import Synchronization
internal import WorkerRuntime

/// Serves the worker of `rookery dev` from isolates of this process.
final class DevWorker: DevServing {
    private let host: WorkerHost
    private let front: WorkerFront
    private let console = DevConsole()
    private let factory: DeploymentFactory
    private let folder: String
    private let project: WorkerProject
    private let name: WorkerName
    private let grants: ProgramGrants
    /// Where the command line says so, these come before the project's.
    private let hostLimits: HostLimits?
    private let version = Atomic(0)

    /// - Throws: `EngineError`; `CommandEnded`, wrong usage.
    init(_ source: WorkerSource, _ grants: ProgramGrants, _ options: GrantOptions) throws {
        host = try WorkerHost(
            WorkerEngine(store: CacheFolder().store),
            options: .init(cores: ProcessInfo.processInfo.activeProcessorCount), observer: console)
        front = WorkerFront(host, domain: "localhost")
        factory = DeploymentFactory(try ProgramGrants.resources(options, folder: source.folder))
        folder = source.folder
        project = source.project
        name = try source.project.name ?? WorkerName("dev")
        self.grants = grants
        hostLimits = options.maxSubrequests == nil && options.maxEgressBytes == nil ? nil : grants.limits
    }

    func install(_ bundle: Bundle) async -> [SourceFault] {
        let deployment: WorkerDeployment
        do {
            deployment = try makeDeployment(bundle)
        } catch {
            return [SourceFault("\(error)")]
        }
        let faults = await host.check(deployment)
        guard faults.isEmpty else { return faults.map { SourceFault($0).located(in: folder) } }
        host.install(deployment)
        return []
    }

    private func makeDeployment(_ bundle: Bundle) throws -> WorkerDeployment {
        var rules = ManifestRules()
        DeploymentFactory.allow(in: &rules)
        let manifest = try WorkerManifest(
            json: project.deployment(main: Bundle.moduleName, modules: [Bundle.moduleName: bundle.module]),
            rules: rules)
        var deployment = try factory.candidate(manifest, as: name)
        deployment.version = version.add(1, ordering: .relaxed).newValue
        deployment.identity = "dev-\(deployment.version)"
        deployment.variables += grants.variables
        deployment.bindings.removeAll { old in grants.bindings.contains { $0.name == old.name } }
        deployment.bindings += grants.bindings
        if let hostLimits { deployment.hostLimits = hostLimits }
        return deployment
    }

    func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        let isPage = DevErrorPage.isWanted(request)
        return front.serve(request, exchange, by: name.description, head: request.head.bytes) { [console, folder] _ in
            guard let stack = console.takeUncaught(request.id) else { return false }
            let fault = SourceFault(stack, stack: stack).placed().located(in: folder)
            DevErrorPage([fault], kind: .failed).answer(exchange, asPage: isPage)
            return true
        }
    }
}

extension SourceFault {
    init(_ fault: DeploymentFault) {
        self.init(
            fault.message, file: WorkerDeployment.moduleName(of: fault.file) ?? (fault.file.isEmpty ? nil : fault.file),
            line: fault.line > 0 ? fault.line : nil, column: fault.column > 0 ? fault.column : nil,
            sourceLine: fault.sourceLine.isEmpty ? nil : fault.sourceLine,
            stack: fault.stack.isEmpty ? nil : Self.withoutRoot(fault.stack))
    }
}
