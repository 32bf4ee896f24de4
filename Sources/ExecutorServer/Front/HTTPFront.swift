// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// What a front is made of.
public struct FrontOptions: Sendable {
    /// An address to listen on.
    public struct Listener: Sendable {
        /// The address.
        public var address: FrontAddress
        /// With it, the listener speaks TLS, and HTTP/2 with clients that can.
        public var tls: TLSIdentity?
        /// Whether clients may begin with HTTP/2 without TLS.
        public var takesPriorKnowledge: Bool

        /// A listener.
        public init(_ address: FrontAddress, tls: TLSIdentity? = nil, takesPriorKnowledge: Bool = false) {
            self.address = address
            self.tls = tls
            self.takesPriorKnowledge = takesPriorKnowledge
        }
    }

    /// The addresses; all have the same handler.
    public var listeners: [Listener]
    /// What clients may use.
    public var limits = FrontLimits()
    /// Whose word counts for where a request comes from.
    public var forwarding = ForwardingPolicy()
    /// Threads that serve connections; at least 1.
    public var loops: Int
    /// Connections that the system keeps until they are accepted.
    public var backlog = 1024

    /// Options with these listeners, and a loop for each two processors: the rest of them is the handler's.
    public init(listeners: [Listener], loops: Int? = nil) {
        self.listeners = listeners
        self.loops = max(1, loops ?? System.coreCount / 2)
    }
}

/// Serves HTTP on one or more addresses, and knows nothing of what is served.
public final class HTTPFront: Sendable {
    private let group: MultiThreadedEventLoopGroup
    private let ownsGroup: Bool
    private let loops: [FrontLoop]
    private let count: ConnectionCount
    private let servers: [any Channel]
    private let tls: [(TLSIdentity, TLSHolder)]
    private let hasEnded = Mutex(false)

    /// The addresses that are listened on, with the ports that were free.
    public let addresses: [FrontAddress]

    /// Listens; connections are served from here on.
    /// - Throws: `FrontError` if an address is in use or not to be had, or a certificate is no good. Nothing listens
    ///   then.
    public static func start(_ options: FrontOptions, _ handler: some RequestHandler) async throws(FrontError)
        -> HTTPFront
    {
        try await start(options, on: nil, handler)
    }

    /// The same on event loops that somebody else ends, after the front.
    static func start(
        _ options: FrontOptions, on shared: MultiThreadedEventLoopGroup?, _ handler: some RequestHandler
    ) async throws(FrontError) -> HTTPFront {
        let group = shared ?? MultiThreadedEventLoopGroup(numberOfThreads: options.loops)
        let count = ConnectionCount()
        var loops: [FrontLoop] = []
        for (index, eventLoop) in group.makeIterator().enumerated() {
            loops.append(
                FrontLoop(eventLoop, index: index, handler: handler, limits: options.limits, count: count))
        }
        let accepting = FrontAccept(loops: loops, options: options, count: count)
        var servers: [any Channel] = []
        do {
            var tls: [(TLSIdentity, TLSHolder)] = []
            for listener in options.listeners {
                var holder: TLSHolder?
                if let identity = listener.tls {
                    let made = TLSHolder(try identity.load())
                    tls.append((identity, made))
                    holder = made
                }
                servers.append(try await accepting.listen(listener, tls: holder, on: group))
            }
            return HTTPFront(group, shared == nil, loops, count, servers, tls, options.listeners.map(\.address))
        } catch {
            for server in servers { try? await server.close() }
            if shared == nil { try? await group.shutdownGracefully() }
            throw error
        }
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ ownsGroup: Bool, _ loops: [FrontLoop], _ count: ConnectionCount,
        _ servers: [any Channel], _ tls: [(TLSIdentity, TLSHolder)], _ wanted: [FrontAddress]
    ) {
        self.group = group
        self.ownsGroup = ownsGroup
        self.loops = loops
        self.count = count
        self.servers = servers
        self.tls = tls
        addresses = zip(wanted, servers).map { wanted, server in
            guard case .tcp(let host, _) = wanted, let port = server.localAddress?.port else { return wanted }
            return .tcp(host: host, port: port)
        }
    }

    /// Connections that are open.
    public var connections: Int { count.current }

    /// Reads the certificates' files again, for connections that come from now on.
    /// - Throws: `FrontError` if they are no good; the ones before stay.
    public func reloadCertificates() throws(FrontError) {
        for (identity, holder) in tls { holder.replace(try identity.load()) }
    }

    /// Takes no further connections and requests, lets those under way come to their end for so long, and ends.
    /// Answers whether all came to their end. What is said to an exchange afterwards is refused. The second call does
    /// nothing.
    @discardableResult
    public func drain(within time: Duration) async -> Bool {
        let isFirst = hasEnded.withLock { ended in
            defer { ended = true }
            return !ended
        }
        guard isFirst else { return true }
        for server in servers { try? await server.close() }
        let empty = loops.map { loop in
            let promise = loop.eventLoop.makePromise(of: Void.self)
            loop.eventLoop.execute { loop.drain { promise.succeed() } }
            return promise.futureResult
        }
        let first = loops[0].eventLoop
        let all = EventLoopFuture.andAllComplete(empty, on: first)
        let deadline = first.scheduleTask(in: TimeAmount(time)) { [loops] in
            for loop in loops { loop.eventLoop.execute { loop.closeAll() } }
            return true
        }
        try? await all.get()
        deadline.cancel()
        let wasLate = (try? await deadline.futureResult.get()) ?? false
        for loop in loops { loop.shut() }
        if ownsGroup { try? await group.shutdownGracefully() }
        return !wasLate
    }
}
