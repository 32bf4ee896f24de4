// SPDX-License-Identifier: Apache-2.0
public import Registry
internal import Synchronization
package import WorkerRuntime
internal import WorkerTypes

/// Runs modules once, each in an isolate of its own that is thrown away.
public final class RunService: Sendable {
    /// What runs may use.
    public struct Options: Sendable {
        /// What a run may say.
        public var rules = RunManifest.Rules()
        /// Runs at once; each has a thread meanwhile.
        public var atOnce = 4
        /// Runs that wait for their turn. What comes then is refused.
        public var mostWaiting = 64

        /// The standard ones.
        public init() {}
    }

    let options: Options
    private let runner: any ModuleRunner
    private let compiler: TypeScriptCompiler
    private let resources: HostResources
    private let turns: Turns<Bool>

    /// A service that runs modules somewhere.
    /// - Parameters:
    ///   - store: where compiled TypeScript is kept, if anywhere.
    ///   - resources: what there is to grant. Only what `options.rules` allows is granted.
    package init(
        _ runner: any ModuleRunner, options: Options = Options(), store: ContentStore? = nil,
        resources: HostResources = HostResources()
    ) {
        self.options = options
        self.runner = runner
        compiler = TypeScriptCompiler(store: store)
        self.resources = resources
        turns = Turns(atOnce: options.atOnce, mostWaiting: options.mostWaiting)
    }

    /// Runs that are under way, and that wait.
    public var load: (running: Int, waiting: Int) {
        let (taken, waiting) = turns.count(true)
        return (taken, waiting)
    }

    /// Runs what a body of JSON says, for one client: when it leaves, the run ends.
    /// - Returns: the report, as JSON.
    func run(_ json: [UInt8], for client: AdminClient) async throws(AdminError) -> [UInt8] {
        let run = try prepare(json)
        try await waitForTurn(client)
        defer {
            client.setOnLeave(nil)
            turns.giveBack(true)
        }
        do throws(ModuleRunFailure) {
            return Array((try await runner.report(of: run) { end in client.setOnLeave(end) }.json + "\n").utf8)
        } catch {
            switch error {
            case .limits(let why): throw AdminError(400, "malformed", why)
            case .busy(let why): throw .busy(why)
            case .host(let why): throw AdminError(500, "internalError", why)
            }
        }
    }

    private func waitForTurn(_ client: AdminClient) async throws(AdminError) {
        let wait = Task { [turns] in await turns.take(true) }
        client.setOnLeave { wait.cancel() }
        switch await wait.value {
        case .taken: return
        case .full: throw .busy("too many runs wait; try again later")
        case .cancelled: throw AdminError(499, "cancelled", "the client left")
        }
    }

    private func prepare(_ json: [UInt8]) throws(AdminError) -> ModuleRun {
        do {
            let manifest = try RunManifest(json: json, rules: options.rules)
            let granted = try WorkerGrants(manifest.grants, of: "run", from: resources)
            // A worker of one module, which nobody else's can be imported from.
            let main = "main.\(manifest.language.rawValue)"
            let modules = WorkerModules(main: main, modules: [main: manifest.source], compiler: compiler)
            var run = ModuleRun(modules, logBytes: manifest.limits.logBytes)
            run.program.limits = manifest.limits.scriptLimits
            run.program.hostLimits = manifest.limits.hostLimits
            run.program.arguments = manifest.arguments
            run.program.environment = granted.variables + manifest.environment
            run.program.bindings = granted.bindings
            return run
        } catch let error as ManifestError {
            throw AdminError(error)
        } catch let error as BindingError {
            throw AdminError(ManifestError(ManifestError.member(error.binding, of: "grants"), error.message))
        } catch {
            throw AdminError(500, "internalError", "\(error)")
        }
    }
}
