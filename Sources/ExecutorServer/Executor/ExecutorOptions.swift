// SPDX-License-Identifier: Apache-2.0
public import Registry
public import WorkerRuntime

/// How an executor works.
public struct ExecutorOptions: Sendable {
    /// The folder with everything that it keeps.
    public var data: String
    /// Where requests to workers come in.
    public var listeners: [FrontOptions.Listener]
    /// Where an administrator's come in.
    public var admin: FrontAddress
    /// `NAME.DOMAIN` is the host of the worker NAME.
    public var domain = "localhost"
    /// The administrator's token; without one it is made, and kept in the data folder.
    public var adminToken: String?
    /// What clients of workers may use.
    public var limits = FrontLimits()
    /// Whose word counts for where requests come from.
    public var forwarding = ForwardingPolicy()
    /// What all workers share.
    public var host: WorkerHost.Options
    /// What workers can be granted besides the standard.
    public var resources = HostResources.Options()
    /// What manifests may say.
    public var rules = ManifestRules()
    /// What `POST /v1/run` may say.
    public var runs = RunService.Options()
    /// Where records of dispatches are written; `nil`: nowhere.
    public var log: RecordLog.Sink?
    /// What of them is written.
    public var logOptions = RecordLog.Options()
    /// How long requests that are under way may take when it ends.
    public var drainTime = Duration.seconds(30)
    /// Hears of what goes wrong and is nobody's who asked, as a sentence.
    public var onFault: @Sendable (String) -> Void = { _ in }
    /// The program's version, for `/metrics`.
    public var version = ""

    /// An executor of this folder, with a thread for each core.
    public init(data: String, listeners: [FrontOptions.Listener], admin: FrontAddress, cores: Int) {
        self.data = data
        self.listeners = listeners
        self.admin = admin
        host = WorkerHost.Options(cores: cores)
    }
}
