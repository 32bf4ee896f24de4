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
    private let threads: RunThreads
    private let compiler: TypeScriptCompiler
    private let resources: HostResources
    private let turns: Turns<Bool>

    /// A service of an engine.
    /// - Parameters:
    ///   - store: where compiled TypeScript is kept, if anywhere.
    ///   - resources: what there is to grant. Only what `options.rules` allows is granted.
    package init(
        _ host: IsolateHost, options: Options = Options(), caches: CodeCaches? = nil, store: ContentStore? = nil,
        resources: HostResources = HostResources()
    ) {
        self.options = options
        threads = RunThreads(host, caches: caches)
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
        let (program, loader, logBytes) = try prepare(json)
        try await waitForTurn(client)
        defer {
            client.setOnLeave(nil)
            turns.giveBack(true)
        }
        let lines = RunLines(capacity: logBytes)
        let record: RunRecord
        do {
            record = try await threads.run(
                program, loader: loader, onLine: { lines.keep($0) },
                onStart: { ender in client.setOnLeave { ender.end() } })
        } catch let error as LimitsError {
            throw AdminError(400, "malformed", error.description)
        } catch let error as AdmissionError {
            throw .busy(error.description)
        } catch {
            throw AdminError(500, "internalError", "\(error)")
        }
        return Array((RunReport.json(record, lines: lines.kept) + "\n").utf8)
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

    private func prepare(
        _ json: [UInt8]
    ) throws(AdminError) -> (program: Program, loader: DeployedModules, logBytes: Int) {
        do {
            let manifest = try RunManifest(json: json, rules: options.rules)
            let granted = try WorkerGrants(manifest.grants, of: "run", from: resources)
            // A worker of one module, which nobody else's can be imported from.
            let main = "main.\(manifest.language.rawValue)"
            let modules = WorkerModules(main: main, modules: [main: manifest.source], compiler: compiler)
            let loader = DeployedModules("run", modules) { _ in nil }
            var program = Program(entry: loader.main)
            program.limits = manifest.limits.scriptLimits
            program.hostLimits = manifest.limits.hostLimits
            program.arguments = manifest.arguments
            program.environment = granted.variables + manifest.environment
            program.bindings = granted.bindings
            return (program, loader, manifest.limits.logBytes)
        } catch let error as ManifestError {
            throw AdminError(error)
        } catch let error as BindingError {
            throw AdminError(ManifestError(ManifestError.member(error.binding, of: "grants"), error.message))
        } catch {
            throw AdminError(500, "internalError", "\(error)")
        }
    }
}

/// The console lines of a run, from its thread to its report.
private final class RunLines: Sendable {
    private let report: Mutex<ConsoleReport>

    init(capacity: Int) { report = Mutex(ConsoleReport(capacity: capacity)) }

    var kept: [ConsoleLine] { report.withLock { $0.lines } }

    func keep(_ line: ConsoleLine) { report.withLock { $0.keep(line) } }
}
