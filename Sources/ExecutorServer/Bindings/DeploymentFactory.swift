// SPDX-License-Identifier: Apache-2.0
internal import Egress
internal import HostAPI
public import Registry
internal import Synchronization
public import WorkerRuntime
internal import WorkerTypes

/// Makes of versions in the registry what can be taken into service.
public final class DeploymentFactory: Sendable {
    private let resources: HostResources
    private let compiler: TypeScriptCompiler
    private let allowsWebAssembly: Bool
    private let modules = Mutex<[String: WorkerModules]>([:])

    /// - Parameters:
    ///   - resources: what there is to grant.
    ///   - compiler: what compiles TypeScript of all workers.
    ///   - allowsWebAssembly: whether workers have `WebAssembly`.
    public init(
        _ resources: HostResources, compiler: TypeScriptCompiler = TypeScriptCompiler(), allowsWebAssembly: Bool = true
    ) {
        self.resources = resources
        self.compiler = compiler
        self.allowsWebAssembly = allowsWebAssembly
    }

    /// Allows in manifests what is granted here besides the standard.
    public static func allow(in rules: inout ManifestRules) {
        rules.allow(Environment.self)
        rules.allow(Log.self)
        rules.allow(Random.self)
        rules.allow(WallClock.self)
        rules.allow(WebSockets.self)
    }

    /// A version that goes into service: from now on other workers find its modules, if they are public.
    /// - Throws: `BindingError` for the first binding that cannot be made.
    public func deployment(of version: WorkerVersion) throws(BindingError) -> WorkerDeployment {
        let manifest = version.manifest
        let modules = WorkerModules(manifest, compiler)
        let deployment = try make(
            version.worker, manifest, modules, version: version.summary.number, identity: version.summary.hash,
            guessesSecrets: false)
        self.modules.withLock { $0[version.worker.description] = modules }
        return deployment
    }

    /// A version that is tried before it is stored: it has no number, and nobody finds its modules.
    /// - Throws: `BindingError` for the first binding that cannot be made.
    public func candidate(_ manifest: WorkerManifest, as worker: WorkerName) throws(BindingError) -> WorkerDeployment {
        try make(
            worker, manifest, WorkerModules(manifest, compiler), version: 0, identity: "", guessesSecrets: true)
    }

    /// A worker is removed: nobody finds its modules any more.
    public func remove(_ worker: WorkerName) { modules.withLock { $0[worker.description] = nil } }

    private func make(
        _ worker: WorkerName, _ manifest: WorkerManifest, _ modules: WorkerModules, version: Int, identity: String,
        guessesSecrets: Bool
    ) throws(BindingError) -> WorkerDeployment {
        let listed = manifest.bindings.sorted { $0.key < $1.key }.map { (name: $0.key, binding: $0.value) }
        let grants = try WorkerGrants(
            listed, of: worker.description, from: resources, guessesSecrets: guessesSecrets)
        var deployment = WorkerDeployment(
            name: worker.description, version: version, identity: identity, modules: modules,
            workers: { [weak self] name in self?.modules.withLock { $0[name] } })
        deployment.variables = grants.variables
        deployment.bindings = grants.bindings
        deployment.apply(manifest.limits)
        deployment.isTrusted = manifest.trust == .high
        deployment.limits.webAssembly = allowsWebAssembly
        return deployment
    }
}

extension WorkerModules {
    fileprivate convenience init(_ manifest: WorkerManifest, _ compiler: TypeScriptCompiler) {
        self.init(
            main: manifest.main, modules: manifest.modules, isPublic: manifest.isPublic, compiler: compiler)
    }
}

extension WorkerDeployment {
    /// Takes over what a manifest says of limits.
    fileprivate mutating func apply(_ limits: WorkerLimits) {
        self.limits = limits.scriptLimits
        hostLimits = limits.hostLimits
        startup = .milliseconds(limits.startupMilliseconds)
        logBytes = limits.logBytes
        concurrency = limits.concurrency
        webSockets = limits.webSockets
        mode =
            switch limits.mode {
            case .persistent: .persistent
            case .fresh: .fresh
            }
    }
}
