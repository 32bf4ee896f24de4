// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import HostAPI
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import NIOTLS

/// Opens listeners and makes pipelines for what they accept.
struct FrontAccept: Sendable {
    let loops: [FrontLoop]
    let options: FrontOptions
    let count: ConnectionCount

    func listen(
        _ listener: FrontOptions.Listener, tls: TLSHolder?, on group: MultiThreadedEventLoopGroup
    ) async throws(FrontError) -> any Channel {
        let site = FrontSite(
            limits: options.limits, forwarding: options.forwarding, scheme: tls == nil ? .http : .https,
            takesPriorKnowledge: listener.takesPriorKnowledge)
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(clamping: options.backlog))
            .serverChannelOption(.maxMessagesPerRead, value: 64)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try open(channel, site, tls) }
            }
        do {
            switch listener.address {
            case .tcp(let host, let port):
                return try await bootstrap.serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                    .bind(host: host, port: port).get()
            case .unix(let path):
                try await clear(path, on: group)
                let channel = try await bootstrap.bind(unixDomainSocketPath: path).get()
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                return channel
            }
        } catch let error as FrontError {
            throw error
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw FrontError("\(listener.address) is in use: end what listens there, or choose another address")
        } catch let error as IOError where error.errnoCode == EACCES {
            throw FrontError(
                "\(listener.address) is not allowed to this user: choose a port above 1023 or another path")
        } catch {
            throw FrontError("cannot listen on \(listener.address): \(error)")
        }
    }

    /// Removes a socket that nobody listens on: a process that was killed leaves it.
    private func clear(_ path: String, on group: MultiThreadedEventLoopGroup) async throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let kind = try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard kind == .typeSocket else { throw FrontError("\(path) is there and is no socket: choose another path") }
        do {
            let other = try await ClientBootstrap(group: group).connect(unixDomainSocketPath: path).get()
            try? await other.close()
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            try FileManager.default.removeItem(atPath: path)
            return
        }
        throw FrontError("unix:\(path) is in use: end what listens there, or choose another path")
    }

    // MARK: On the loop of the new connection

    private func open(_ channel: any Channel, _ site: FrontSite, _ tls: TLSHolder?) throws {
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else { return }
        guard count.enter(most: options.limits.connections) else {
            try channel.pipeline.syncOperations.addHandler(TurnedAway(isPlain: tls == nil))
            return
        }
        channel.closeFuture.whenComplete { [count] _ in count.leave() }
        if loop.isDraining {
            channel.close(promise: nil)
            return
        }
        let peer = PeerAddress(channel.remoteAddress, site.forwarding, site.scheme)
        guard let tls else {
            try channel.pipeline.syncOperations.addHandler(HTTP1Connection(loop: loop, site: site, peer: peer))
            return
        }
        let parts = NIOLoopBound((loop, peer), eventLoop: channel.eventLoop)
        let negotiation = ApplicationProtocolNegotiationHandler { result, channel in
            channel.eventLoop.makeCompletedFuture {
                let (loop, peer) = parts.value
                if case .negotiated("h2") = result {
                    try HTTP2Connection.install(on: channel, loop: loop, site: site, peer: peer)
                } else {
                    let connection = HTTP1Connection(loop: loop, site: site, peer: peer)
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        }
        try channel.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: tls.current), HandshakeDeadline(loop: loop, time: site.limits.headTime),
            negotiation,
        ])
    }
}
