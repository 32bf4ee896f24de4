// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import ExecutorServer
internal import Isolates
internal import Registry
internal import WorkerRuntime

/// `rookery serve`: every deployed worker behind one HTTP server.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves every deployed worker.",
        discussion: """
            A request reaches the worker NAME by its host, NAME.DOMAIN, or by its path, /@NAME/. Workers are deployed \
            through the admin API, as `rookery deploy` does. SIGTERM lets requests under way come to their end and stops; \
            SIGHUP reads certificates anew and opens the log file again.
            """)

    @Option(help: "A file of these options as JSON; what the command line says counts more.") var config: String?
    @Option(help: "Where requests come in, HOST:PORT or unix:PATH. (default: 127.0.0.1:8787)") var listen: [String] = []
    @Option(help: "Where the administrator's requests come in. (default: 127.0.0.1:8788)") var admin: String?
    @Option(help: "The folder with everything that is kept. (default: ./rookery-data)") var data: String?
    @Option(help: "NAME.DOMAIN is the host of a worker. (default: localhost)") var domain: String?
    @Option(help: "Child processes; 0: every isolate is in this process.") var shards: Int?
    @Flag(help: "With --shards: ends where a layer of the children's sandbox is missing.") var requireSandbox = false
    @Flag(help: "With --shards: workers of low trust are interpreted, without machine code and WebAssembly.")
    var jitlessLowTrust = false
    @Option(help: "PEM file of the certificate chain; with it, the listeners speak TLS.") var tlsCertificate: String?
    @Option(help: "PEM file of the private key.") var tlsKey: String?
    @Option(help: "A folder for files of workers; each has one below it. Without it no files are granted.")
    var files: String?
    @Option(help: "Records of requests, as lines of JSON: stderr, none, or a file. (default: stderr)") var log: String?
    @Option(help: "Isolates at a time. (default: 4000)") var mostIsolates: Int?
    @Option(help: "Threads that compute at a time. (default: one for each core)") var threads: Int?

    func run() throws {
        let settings = try ServeSettings(self, descriptors: Machine.raiseDescriptors())
        let gate = Gate<Result<Void, CommandEnded>>()
        let signals = ServeSignals()
        Task {
            do {
                try await serve(settings, signals)
                gate.open(.success(()))
            } catch {
                gate.open(.failure(Self.ended(by: error)))
            }
        }
        try gate.wait().get()
    }

    private func start(_ settings: ServeSettings, _ signals: ServeSignals) async throws -> Executor {
        let store = CacheFolder().store
        guard settings.shards > 0 else {
            let engine = try WorkerEngine(store: store, observer: ParkedThreads(signals))
            return try await Executor.start(settings.options, on: engine)
        }
        let shards = try await ShardProcesses(settings: settings) { StandardError.write("rookery: \($0)\n") }.options()
        return try await Executor.start(settings.options, in: shards, store: store)
    }

    private func serve(_ settings: ServeSettings, _ signals: ServeSignals) async throws {
        let options = settings.options
        let executor = try await start(settings, signals)
        for (address, listener) in zip(executor.addresses, options.listeners) {
            StandardError.write("rookery: listening on \(Self.url(of: address, tls: listener.tls != nil))\n")
        }
        StandardError.write("rookery: admin on \(Self.url(of: executor.adminAddress, tls: false))\n")
        var wish = ServeSignals.Wish.stop
        for await signal in signals.stream {
            wish = signal
            guard signal == .reload else { break }
            do {
                try executor.reload()
            } catch {
                StandardError.write("rookery: \(error); what there was stays\n")
            }
        }
        StandardError.write("rookery: finishing what is under way\n")
        if await !executor.stop() {
            throw CommandEnded(.ended, "requests were under way for longer than they may at the end")
        }
        if wish == .restart {
            throw CommandEnded(
                .ourFault, "too many threads were lost to scripts that V8 could not end: start the server again")
        }
    }

    private static func url(of address: FrontAddress, tls: Bool) -> String {
        if case .unix = address { return "\(address)" }
        return "\(tls ? "https" : "http")://\(address)"
    }

    /// What stops a server before it serves is the operator's to put right.
    private static func ended(by error: any Error) -> CommandEnded {
        switch error {
        case let error as CommandEnded: error
        case let error as EngineError: CommandEnded(.ourFault, "\(error)")
        case let error as RegistryError where error.kind == .corrupt: CommandEnded(.ourFault, "\(error)")
        default: CommandEnded(.wrongUsage, "\(error)")
        }
    }
}

/// Asks for the end where too many threads are lost: a supervisor starts the process anew, with its memory back.
private final class ParkedThreads: RuntimeObserver {
    private let signals: ServeSignals

    init(_ signals: ServeSignals) { self.signals = signals }

    func observe(_ event: RuntimeEvent) {
        guard case .drainWanted = event else { return }
        signals.wish(.restart)
    }
}
