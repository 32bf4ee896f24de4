// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import Synchronization

/// Connections that wait for requests, and those that carry some. Nothing of one request stays on a connection for
/// the next, whoever made it: no cookies, no authentication.
final class ConnectionPool: Sendable {
    /// A connection, and whether it was used before.
    struct Lease: Sendable {
        let connection: Connection
        let isUsed: Bool
        fileprivate let onFree: @Sendable () -> Void

        func carry(_ exchange: Exchange) { connection.carry(exchange, onFree: onFree) }
    }

    typealias Answer = @Sendable (Result<Lease, TransportError>) -> Void

    private struct Idle {
        let connection: Connection
        let since: NIODeadline
    }

    private struct Multiplexed {
        let connection: Connection
        var streams = 0
        /// As long as the other side says nothing else.
        var most = 100
        var isGoingAway = false
        var idleSince = NIODeadline.now()
    }

    private struct Origin {
        var idle: [Idle] = []
        var multiplexed: [ObjectIdentifier: Multiplexed] = [:]
        var connecting = 0
        /// What it was when it was last connected to; HTTP/2 is hoped for until then.
        var isPlain = false
        /// Who waits to share the connection that is being made.
        var waiting: [Answer] = []

        var isEmpty: Bool { idle.isEmpty && multiplexed.isEmpty && connecting == 0 && waiting.isEmpty }
    }

    private struct State {
        var origins: [Route: Origin] = [:]
        var connections: [ObjectIdentifier: Connection] = [:]
        var connecting = 0
        var isShutDown = false
    }

    private let connector: Connector
    private let limits: HTTPEgress.ConnectionLimits
    private let state = Mutex(State())
    private let sweep = Mutex<RepeatedTask?>(nil)

    init(_ connector: Connector, _ limits: HTTPEgress.ConnectionLimits) {
        self.connector = connector
        self.limits = limits
    }

    /// Closes idle connections from time to time.
    func start() {
        let every = TimeAmount.nanoseconds(max(1_000_000, limits.idleTime.nanoseconds / 4))
        let task = connector.group.next().scheduleRepeatedTask(initialDelay: every, delay: every) { [weak self] _ in
            self?.closeIdle()
        }
        sweep.withLock { $0 = task }
    }

    /// Closes every connection; later requests fail.
    func shutDown() {
        sweep.withLock { $0 }?.cancel()
        let connections = state.withLock { state in
            state.isShutDown = true
            return Array(state.connections.values)
        }
        for connection in connections { connection.close() }
    }

    /// How many connections there are, those being made included.
    var count: Int { state.withLock { $0.connections.count + $0.connecting } }

    // MARK: Leasing

    private enum Step {
        case use(Lease)
        case connect(closing: Connection?)
        case wait
        case refuse(HostError)
    }

    /// Finds a connection for a route or makes one, and answers once, from any thread.
    func lease(_ route: Route, _ answer: @escaping Answer) {
        let step = state.withLock { state -> Step in
            guard !state.isShutDown else { return .refuse(HostError(.cancelled, "the host is shutting down")) }
            if let lease = takeStream(route, &state) { return .use(lease) }
            while let idle = state.origins[route]?.idle.popLast() {
                if idle.connection.channel.isActive { return .use(plainLease(idle.connection, isUsed: true)) }
            }
            if route.isSecure, let origin = state.origins[route], origin.connecting > 0, !origin.isPlain {
                state.origins[route]?.waiting.append(answer)
                return .wait
            }
            var victim: Connection?
            if state.connections.count + state.connecting >= limits.most {
                victim = Self.takeIdle(&state)
                guard victim != nil else {
                    return .refuse(
                        HostError(
                            .unavailable, "all \(limits.most) connections of this host are in use; try again later"))
                }
            }
            state.origins[route, default: Origin()].connecting += 1
            state.connecting += 1
            return .connect(closing: victim)
        }
        switch step {
        case .use(let lease): answer(.success(lease))
        case .wait: break
        case .refuse(let error): answer(.failure(TransportError(error, .notBegun)))
        case .connect(let victim):
            victim?.close()
            connect(route, answer)
        }
    }

    private func connect(_ route: Route, _ answer: @escaping Answer) {
        // The connection hears of its exchanges before it is known here by name.
        let box = Box()
        let listeners = Connector.Listeners(
            onFree: { [weak self] isReusable in
                if let connection = box.value { self?.release(connection, isReusable) }
            },
            onNews: { [weak self] news in if let connection = box.value { self?.hear(news, from: connection) } })
        connector.connect(route, listeners).whenComplete { [self] result in
            switch result {
            case .success(let connection):
                box.set(connection)
                connection.channel.closeFuture.whenComplete { [weak self] _ in self?.forget(connection) }
                connected(connection, answer)
            case .failure(let error):
                let waiting = state.withLock { state in
                    state.connecting -= 1
                    state.origins[route]?.connecting -= 1
                    return Self.takeWaiting(route, &state)
                }
                let error = TransportError(error, to: "\(route.host)", .notBegun)
                answer(.failure(error))
                for answer in waiting { answer(.failure(error)) }
            }
        }
    }

    private func connected(_ connection: Connection, _ answer: Answer) {
        let route = connection.route
        let (lease, waiting) = state.withLock { state -> (Lease?, [Answer]) in
            state.connecting -= 1
            state.origins[route]?.connecting -= 1
            let waiting = Self.takeWaiting(route, &state)
            guard !state.isShutDown, connection.channel.isActive else { return (nil, waiting) }
            state.connections[ObjectIdentifier(connection)] = connection
            switch connection.kind {
            case .http1:
                state.origins[route, default: Origin()].isPlain = true
                return (plainLease(connection, isUsed: false), waiting)
            case .http2:
                state.origins[route, default: Origin()].isPlain = false
                state.origins[route]?.multiplexed[ObjectIdentifier(connection)] = Multiplexed(connection: connection)
                return (takeStream(route, &state), waiting)
            }
        }
        if let lease {
            answer(.success(lease))
        } else {
            connection.close()
            answer(.failure(TransportError(ChannelError.ioOnClosedChannel, to: "\(route.host)", .notBegun)))
        }
        for answer in waiting { self.lease(route, answer) }
    }

    private func plainLease(_ connection: Connection, isUsed: Bool) -> Lease {
        Lease(connection: connection, isUsed: isUsed) {}
    }

    private func takeStream(_ route: Route, _ state: inout State) -> Lease? {
        guard
            let (name, found) = state.origins[route]?.multiplexed.first(where: {
                !$0.value.isGoingAway && $0.value.streams < $0.value.most && $0.value.connection.channel.isActive
            })
        else { return nil }
        state.origins[route]?.multiplexed[name]?.streams += 1
        return Lease(connection: found.connection, isUsed: true) { [weak self] in
            self?.release(found.connection, true)
        }
    }

    private static func takeWaiting(_ route: Route, _ state: inout State) -> [Answer] {
        let waiting = state.origins[route]?.waiting ?? []
        state.origins[route]?.waiting = []
        if state.origins[route]?.isEmpty == true { state.origins[route] = nil }
        return waiting
    }

    /// An idle connection to close in favour of another; the one that was idle longest of some origin.
    private static func takeIdle(_ state: inout State) -> Connection? {
        for (route, origin) in state.origins {
            if let idle = origin.idle.first {
                state.origins[route]?.idle.removeFirst()
                state.connections[ObjectIdentifier(idle.connection)] = nil
                return idle.connection
            }
            if let idle = origin.multiplexed.first(where: { $0.value.streams == 0 }) {
                state.origins[route]?.multiplexed[idle.key] = nil
                state.connections[idle.key] = nil
                return idle.value.connection
            }
        }
        return nil
    }

    // MARK: What connections tell

    private func release(_ connection: Connection, _ isReusable: Bool) {
        let name = ObjectIdentifier(connection)
        let isSurplus = state.withLock { state -> Bool in
            guard state.connections[name] != nil else { return true }
            guard case .http1 = connection.kind else {
                return Self.update(connection, &state) {
                    $0.streams -= 1
                    $0.idleSince = .now()
                    return $0.isGoingAway && $0.streams == 0
                }
            }
            guard isReusable, !state.isShutDown,
                (state.origins[connection.route]?.idle.count ?? 0) < limits.mostIdleToOneHost
            else { return true }
            state.origins[connection.route, default: Origin()].idle.append(Idle(connection: connection, since: .now()))
            return false
        }
        if isSurplus { connection.close() }
    }

    private func hear(_ news: ConnectionObserver.News, from connection: Connection) {
        let isDone = state.withLock { state in
            Self.update(connection, &state) {
                switch news {
                case .mostStreams(let most):
                    $0.most = min(most, 100)
                    return false
                case .goingAway:
                    $0.isGoingAway = true
                    return $0.streams == 0
                }
            }
        }
        if isDone { connection.close() }
    }

    private static func update(
        _ connection: Connection, _ state: inout State, _ change: (inout Multiplexed) -> Bool
    ) -> Bool {
        let name = ObjectIdentifier(connection)
        guard var entry = state.origins[connection.route]?.multiplexed[name] else { return false }
        let result = change(&entry)
        state.origins[connection.route]?.multiplexed[name] = entry
        return result
    }

    private func forget(_ connection: Connection) {
        let name = ObjectIdentifier(connection)
        state.withLock { state in
            state.connections[name] = nil
            state.origins[connection.route]?.idle.removeAll { $0.connection === connection }
            state.origins[connection.route]?.multiplexed[name] = nil
            if state.origins[connection.route]?.isEmpty == true { state.origins[connection.route] = nil }
        }
    }

    private func closeIdle() {
        let limit = NIODeadline.now() - limits.idleTime
        let old = state.withLock { state in
            state.origins.values.flatMap { origin in
                origin.idle.filter { $0.since < limit }.map(\.connection)
                    + origin.multiplexed.values.filter { $0.streams == 0 && $0.idleSince < limit }.map(\.connection)
            }
        }
        for connection in old { closeIfIdle(connection) }
    }

    /// A connection that was leased meanwhile is left alone.
    private func closeIfIdle(_ connection: Connection) {
        let isIdle = state.withLock { state -> Bool in
            if let place = state.origins[connection.route]?.idle.firstIndex(where: { $0.connection === connection }) {
                state.origins[connection.route]?.idle.remove(at: place)
                return true
            }
            return Self.update(connection, &state) {
                guard $0.streams == 0 else { return false }
                $0.isGoingAway = true
                return true
            }
        }
        if isIdle { connection.close() }
    }
}

/// What is set once and read from any thread.
private final class Box: Sendable {
    private let content: Mutex<Connection?>
    init() { content = Mutex(nil) }
    var value: Connection? { content.withLock { $0 } }
    func set(_ connection: Connection) { content.withLock { $0 = connection } }
}
