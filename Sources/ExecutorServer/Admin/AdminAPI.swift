// SPDX-License-Identifier: Apache-2.0
public import Registry
internal import Synchronization

/// How the admin API works.
public struct AdminOptions: Sendable {
    /// Whether `/metrics` needs the token.
    public var metricsNeedToken = true
    /// How wrong tokens are slowed down.
    public var wrongTokens = WrongTokens()
    /// Changes of workers that are worked on at once: each may hold a whole manifest.
    public var mostChanges = 16
    /// How often a log without news says that it is there.
    public var keepAlive = Duration.seconds(15)
    /// Where a worker's clients reach it.
    public var url: @Sendable (_ name: String) -> String = { "http://\($0).localhost/" }
    /// Hears that a worker was deployed, rolled back or deleted: its crons may be others now.
    public var onChange: @Sendable () -> Void = {}
    /// What `/metrics` says of the process.
    public var sources = MetricsSources()

    /// The standard ones.
    public init() {}
}

/// Whether a server takes requests.
public enum Readiness: UInt8, Sendable {
    /// Not yet.
    case starting
    /// It does.
    case ready
    /// No more.
    case draining
}

/// The API of an administrator: deploys and removes workers, shows them, their logs and metrics, and runs modules once.
///
/// Give its front no `totalTime`, which would end logs that are watched.
public final class AdminAPI: RequestHandler {
    /// What it administers.
    public struct Services: Sendable {
        /// The workers that there are.
        public var registry: WorkerRegistry
        /// The workers in service.
        public var host: any WorkerHosting
        /// What administrators show.
        public var token: AdminToken
        /// What happens in workers.
        public var logs: WorkerLogs
        /// What happened in them.
        public var metrics: RequestMetrics
        /// What runs modules once; without it nothing does.
        public var runs: RunService?

        /// Services that belong together.
        public init(
            registry: WorkerRegistry, host: any WorkerHosting, token: AdminToken, logs: WorkerLogs,
            metrics: RequestMetrics, runs: RunService? = nil
        ) {
            self.registry = registry
            self.host = host
            self.token = token
            self.logs = logs
            self.metrics = metrics
            self.runs = runs
        }
    }

    private let services: Services
    private let options: AdminOptions
    private let access: AdminAccess
    private let workers: WorkerAdministration
    private let changes = ConnectionCount()
    private let runs = ConnectionCount()
    private let state = Atomic<UInt8>(Readiness.starting.rawValue)

    /// An API that refuses changes until it is said to be ready.
    public init(_ services: Services, options: AdminOptions = AdminOptions()) {
        self.services = services
        self.options = options
        access = AdminAccess(services.token, wrongTokens: options.wrongTokens)
        workers = WorkerAdministration(services.registry, services.host, options) { [services] name in
            services.logs.forget(name)
            services.metrics.forget(name)
        }
    }

    /// What `/readyz` says. Changes are made where it is `ready` only; logs that are watched end where it is
    /// `draining`.
    public var readiness: Readiness {
        get { Readiness(rawValue: state.load(ordering: .sequentiallyConsistent)) ?? .draining }
        set {
            state.store(newValue.rawValue, ordering: .sequentiallyConsistent)
            if newValue == .draining { services.logs.end() }
        }
    }

    /// Answers a request.
    public func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        do throws(AdminError) {
            let route = try AdminRoute(method: request.head.method, target: request.head.target)
            if try answerAtOnce(route, request, exchange) { return nil }
            if case .logs(let name, let tail) = route { return try openLogs(of: name, tail: tail, exchange) }
            return try answerLater(route, request, exchange)
        } catch {
            exchange.respond(error.answer)
            return nil
        }
    }

    /// Answers what needs nobody else, and lets in who may ask for more.
    private func answerAtOnce(
        _ route: AdminRoute, _ request: ServerRequest, _ exchange: Exchange
    ) throws(AdminError) -> Bool {
        switch route {
        case .health: exchange.respond(AdminAnswer(text: "ok"))
        case .readiness: exchange.respond(readiness.answer)
        case .metrics:
            if options.metricsNeedToken { try access.check(request) }
            exchange.respond(AdminAnswer(type: Exposition.contentType, body: metricsPage))
        default:
            try access.check(request)
            return false
        }
        return true
    }

    private var metricsPage: [UInt8] {
        services.metrics.page(options.sources, host: services.host.status) { [host = services.host] name in
            guard let name = try? WorkerName(name) else { return false }
            return host.status(of: name) != nil
        }
    }

    private func openLogs(of name: WorkerName, tail: Int, _ exchange: Exchange) throws(AdminError) -> LogStream {
        let stream = LogStream(
            of: name.description, tail: tail, logs: services.logs, keepAlive: options.keepAlive, to: exchange)
        guard let stream else { throw .busy("too many watch logs, or the server ends", after: 5) }
        Task { [workers] in
            do throws(AdminError) {
                try await workers.requireWorker(name)
                await stream.run()
            } catch {
                stream.close()
                exchange.respond(error.answer)
            }
        }
        return stream
    }

    private func answerLater(
        _ route: AdminRoute, _ request: ServerRequest, _ exchange: Exchange
    ) throws(AdminError) -> any ExchangeObserver {
        let place = try begin(route, request)
        let client = AdminClient()
        Task { [self] in
            defer { place?.leave() }
            do throws(AdminError) {
                exchange.respond(try await answer(route, request, client))
            } catch {
                exchange.respond(error.answer)
            }
        }
        return client
    }

    /// Lets in what takes memory, if there is a place for it.
    private func begin(_ route: AdminRoute, _ request: ServerRequest) throws(AdminError) -> ConnectionCount? {
        let places: (count: ConnectionCount, most: Int)
        switch route {
        case .list, .details, .logs, .health, .readiness, .metrics: return nil
        case .delete: places = (changes, options.mostChanges)
        case .deploy, .rollback:
            try request.head.requireJSON()
            places = (changes, options.mostChanges)
        case .run:
            guard let service = services.runs?.options else {
                throw AdminError(404, "notFound", "this server runs no modules")
            }
            try request.head.requireJSON()
            // Only what arrives, leaves, or is refused for good comes past the queue's own bound.
            places = (runs, 2 * (service.atOnce + service.mostWaiting))
        }
        guard readiness == .ready else {
            throw .busy(
                readiness == .starting ? "the server starts" : "the server ends", code: "\(readiness)", after: 2)
        }
        guard places.count.enter(most: places.most) else {
            throw .busy("too much of this is under way; try again later")
        }
        return places.count
    }

    private func answer(
        _ route: AdminRoute, _ request: ServerRequest, _ client: AdminClient
    ) async throws(AdminError) -> AdminAnswer {
        switch route {
        case .list(let after, let limit): return try await workers.list(after: after, limit: limit)
        case .details(let name): return try await workers.details(of: name)
        case .deploy(let name):
            let most = services.registry.rules.mostManifestBytes
            return try await workers.deploy(try await request.body.collected(most: most), as: name)
        case .rollback(let name):
            return try await workers.rollback(try await request.body.collected(most: 4096), of: name)
        case .delete(let name): return try await workers.delete(name)
        case .run:
            guard let runs = services.runs else { throw .unknownPath }
            let json = try await request.body.collected(most: runs.options.rules.mostBytes)
            return AdminAnswer(type: "application/json", body: try await runs.run(json, for: client))
        case .health, .readiness, .metrics, .logs: throw .unknownPath
        }
    }
}

extension Readiness {
    fileprivate var answer: AdminAnswer {
        self == .ready
            ? AdminAnswer(text: "\(self)") : AdminAnswer(status: 503, text: "\(self)", headers: [("retry-after", "1")])
    }
}

extension Exchange {
    func respond(_ answer: AdminAnswer) { respond(answer.head, body: answer.body) }
}

/// Whoever waits for an answer. Who ends its side of the connection is gone: a program that was killed does no more.
final class AdminClient: ExchangeObserver {
    private struct State {
        var hasLeft = false
        var onLeave: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func clientLeft(_ exchange: Exchange, _ how: ClientDeparture) {
        let onLeave = state.withLock { state in
            state.hasLeft = true
            defer { state.onLeave = nil }
            return state.onLeave
        }
        onLeave?()
    }

    /// Calls a function when the client leaves: at once if it has left. The last one counts; `nil` is none.
    func setOnLeave(_ body: (@Sendable () -> Void)?) {
        let hasLeft = state.withLock { state in
            state.onLeave = state.hasLeft ? nil : body
            return state.hasLeft
        }
        if hasLeft { body?() }
    }
}
