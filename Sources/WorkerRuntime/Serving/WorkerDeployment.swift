// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import WorkerTypes

/// A version of a worker, ready to be taken into service.
public struct WorkerDeployment: Sendable {
    /// What becomes of an isolate after a dispatch.
    public enum Mode: String, Sendable, CaseIterable {
        /// It stays for the next one.
        case persistent
        /// It is thrown away, and no state can pass from one dispatch to another.
        case fresh
    }

    /// The worker's name.
    public var name: String
    /// The version's number.
    public var version: Int
    /// What makes its compiled code the same; another for every source.
    public var identity: String
    /// Where its modules come from.
    package var loader: any ModuleLoader
    /// Its entry.
    package var main: ModuleKey
    /// Texts and secrets' placeholders of its `env`.
    public var variables: [(name: String, value: String)] = []
    /// What it was granted.
    public var bindings: [HostBinding] = []
    /// Memory of an isolate; CPU and elapsed time of one dispatch.
    public var limits = Limits(memory: 128 << 20, cpu: .milliseconds(50), wall: .seconds(30))
    /// What one dispatch may use of the host.
    public var hostLimits = HostLimits.standard
    /// CPU time in which the modules must be evaluated.
    public var startup = Duration.seconds(1)
    /// Bytes of console lines of one dispatch; what is more is dropped, and said once.
    public var logBytes = 64 << 10
    /// Dispatches under way at a time.
    public var concurrency = 100
    /// WebSockets open at a time, of all its isolates.
    public var webSockets = 1000
    /// What becomes of an isolate after a dispatch.
    public var mode = Mode.persistent
    /// Numbers the calls that isolates make outside of dispatches, where another process performs them.
    package var starts: (any IsolateStarts)?
    /// Whether it may share a process with the operator's own code, where there are several.
    public var isTrusted = false

    /// A version of one name and number.
    /// - Parameters:
    ///   - name: the worker's name.
    ///   - version: the version's number.
    ///   - identity: what makes its compiled code the same; another for every source.
    ///   - modules: its modules. What is wrong with them shows when they are evaluated.
    ///   - workers: finds the modules of workers that these import as `worker:NAME`, of which the public ones may be
    ///     had; asked once for each name that it knows.
    public init(
        name: String, version: Int, identity: String, modules: WorkerModules,
        workers: @escaping WorkerModulesFinder = { _ in nil }
    ) {
        let loader = DeployedModules(name, modules, find: workers)
        self.init(name: name, version: version, identity: identity, main: loader.main, loader: loader)
    }

    /// A version of a worker that nobody imports, and that imports nobody's.
    /// - Parameters:
    ///   - name: the worker's name.
    ///   - version: the version's number.
    ///   - identity: what makes its compiled code the same; another for every source.
    ///   - main: the name of the module with the handlers.
    ///   - modules: sources by their names: relative paths, whose extensions say what they are.
    public init(name: String, version: Int, identity: String, main: String, modules: [String: String]) {
        self.init(
            name: name, version: version, identity: identity, modules: WorkerModules(main: main, modules: modules))
    }

    /// Its modules; `nil` where they come from elsewhere.
    package var modules: WorkerModules? { (loader as? DeployedModules)?.own }

    /// The name of the worker's module that a URL in a stack or an error is of; `nil` for one of another worker's.
    public static func moduleName(of url: String) -> String? { DeployedModules.name(of: url) }

    /// A version of one name and number.
    package init(name: String, version: Int, identity: String, main: ModuleKey, loader: any ModuleLoader) {
        self.name = name
        self.version = version
        self.identity = identity
        self.main = main
        self.loader = loader
    }
}

/// Gives isolates the numbers of the calls to the host that they make outside of dispatches, as while their modules are
/// evaluated.
package protocol IsolateStarts: Sendable {
    /// There is another isolate.
    func begin() -> UInt64
    /// It is no more. From any thread.
    func end(_ number: UInt64)
}

/// Hears of what workers do. From any thread: return soon.
public protocol WorkerObserver: Sendable {
    /// A line for console.
    func observe(_ line: WorkerLogLine)
    /// A dispatch is over.
    func observe(_ record: RequestRecord)
}
