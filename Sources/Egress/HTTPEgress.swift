// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// The process's way out to the network, made once and shared by all tenants: event loops, connections, addresses,
/// TLS. Call `shutdown()` at the end.
public final class HTTPEgress: Sendable {
    /// How long the other side may take. What a script may take is bounded by its own limits.
    public struct Timeouts: Sendable {
        /// For a connection to one address, with its handshakes.
        public var connect = TimeAmount.seconds(10)
        /// From the last of the request to the head of the response; also for each piece of a body that is sent.
        public var head = TimeAmount.seconds(100)
        /// Between pieces of the response while its reader waits.
        public var idle = TimeAmount.seconds(100)

        /// The usual ones.
        public init() {}
    }

    /// How many connections there may be.
    public struct ConnectionLimits: Sendable {
        /// Altogether.
        public var most = 4096
        /// Without a request, to one address of one host.
        public var mostIdleToOneHost = 256
        /// How long a connection waits for another request.
        public var idleTime = TimeAmount.seconds(30)

        /// The usual ones.
        public init() {}
    }

    /// How the network is used.
    public struct Options: Sendable {
        /// How long the other side may take.
        public var timeouts = Timeouts()
        /// How many connections there may be.
        public var connections = ConnectionLimits()
        /// How names are looked up.
        public var resolver = AddressResolver.Options()
        /// Looks names up; the system's resolver unless an operator has another.
        public var lookup: AddressResolver.Lookup = AddressResolver.system
        /// Certificates in PEM that are trusted besides the system's.
        public var trustedCertificates: [UInt8] = []
        /// The `User-Agent` of requests that have none.
        public var userAgent = "Rookery"
        /// Event loops, each on a thread; above zero.
        public var threads = 2

        /// The usual ones.
        public init() {}
    }

    let options: Options
    let resolver: AddressResolver
    let pool: ConnectionPool
    private let group: MultiThreadedEventLoopGroup
    private let upgrading = Mutex<Connector?>(nil)

    /// Starts the threads.
    /// - Throws: `GrantError` where the certificates cannot be used.
    public init(_ options: Options = Options()) throws(GrantError) {
        let tls = try Self.context(options.trustedCertificates, ["h2", "http/1.1"])
        self.options = options
        group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, options.threads))
        resolver = AddressResolver(group: group, options: options.resolver, lookup: options.lookup)
        pool = ConnectionPool(
            Connector(group: group, tls: tls, timeouts: options.timeouts), options.connections)
        pool.start()
    }

    /// Makes connections for protocols that begin as HTTP/1.1. Made when it is first asked for: to read the
    /// certificates of the system takes a while.
    func upgradingConnector() throws(GrantError) -> Connector {
        if let connector = upgrading.withLock({ $0 }) { return connector }
        let connector = Connector(
            group: group, tls: try Self.context(options.trustedCertificates, ["http/1.1"]), timeouts: options.timeouts)
        upgrading.withLock { $0 = connector }
        return connector
    }

    private static func context(
        _ trusted: [UInt8], _ protocols: [String]
    ) throws(GrantError) -> NIOSSLContext {
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            // Whom the certificate is for is checked when the handshake is done, before anything is sent.
            configuration.certificateVerification = .noHostnameVerification
            configuration.applicationProtocols = protocols
            if !trusted.isEmpty {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMBytes(trusted))]
            }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw GrantError("the trusted certificates cannot be used: \(error)")
        }
    }

    /// Connections there are, those being made included.
    public var connectionCount: Int { pool.count }

    /// Ends requests under way, closes connections, stops threads.
    public func shutdown() async {
        pool.shutDown()
        resolver.shutdown()
        // Only fails for a group that was shut down before.
        try? await group.shutdownGracefully()
    }
}
