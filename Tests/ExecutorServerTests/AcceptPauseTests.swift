// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore
import NIOPosix
import Testing

@testable import ExecutorServer

@Suite("A listener that the system has no descriptors for", .timeLimit(.minutes(1)))
struct AcceptPauseTests {
    private func listener(_ accepted: EventLoopPromise<Void>) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(AcceptPause()) }
            }
            .childChannelInitializer { channel in
                accepted.succeed(())
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    /// Whether it takes connections just after an error.
    private func reads(_ channel: any Channel, after error: any Error) async throws -> Bool {
        try await channel.eventLoop.flatSubmit {
            channel.pipeline.fireErrorCaught(error)
            return channel.getOption(.autoRead)
        }.get()
    }

    @Test("It takes none for a moment, and then those that waited", arguments: [EMFILE, ENFILE, ENOBUFS, ENOMEM])
    func pause(_ error: Int32) async throws {
        let accepted = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let server = try await listener(accepted)
        #expect(try await !reads(server, after: IOError(errnoCode: error, reason: "accept")))
        let address = try #require(server.localAddress)
        let client = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address).get()
        try await accepted.futureResult.get()
        try? await client.close()
        try await server.close()
    }

    @Test("A connection that its client gave up costs the others nothing")
    func others() async throws {
        let accepted = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
        let server = try await listener(accepted)
        #expect(try await reads(server, after: IOError(errnoCode: ECONNABORTED, reason: "accept")))
        accepted.succeed(())
        try await server.close()
    }
}
