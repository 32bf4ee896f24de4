// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import Testing

@Suite("Limits of requests")
struct FetchLimitTests {
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"

    @Test("Exactly as many subrequests as allowed are made")
    func subrequests() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress, limits: HostLimits([.subrequests: 3]))
            for _ in 0..<3 { #expect(await fetch.failure("http://a.test:\(server.port)/") == nil) }
            #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == .exhausted)
            #expect(server.requests.count == 3)
        }
    }

    @Test("A limit of the grant counts for its binding")
    func ofTheGrant() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            var grant = NetworkGrant.everything
            grant.limits = HostLimits([.subrequests: 1])
            let fetch = try TestFetch(egress, grant)
            #expect(await fetch.failure("http://a.test:\(server.port)/") == nil)
            #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == .exhausted)
        }
    }

    @Test("A request that just fits is sent, and one byte more is not", arguments: [false, true])
    func egressBytes(isStream: Bool) async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            func failure(_ limit: Int?) async throws -> (HostError?, Int) {
                let limits = limit.map { HostLimits([.egressBytes: $0]) } ?? .none
                let fetch = try TestFetch(egress, limits: limits)
                let body: HostValue = isStream ? .stream(TestBody(5000)) : .bytes([UInt8](repeating: 1, count: 5000))
                let error = await fetch.failure(["method": "POST", "url": "http://a.test:\(server.port)/"], body)
                return (error, fetch.used(.egressBytes))
            }
            let needed = try await failure(nil).1
            #expect(needed > 5000 && needed < 5300)
            #expect(try await failure(needed).0 == nil)
            let (error, used) = try await failure(needed - 1)
            #expect(error?.code == .exhausted)
            #expect(used < needed)
            #expect(server.requests.count == 2)
        }
    }

    @Test("A body that passes the limit of received bytes fails in its middle, and not one that just fits")
    func ingressBytes() async throws {
        try await withServer { _ in
            .raw(Self.head + String(repeating: "x", count: 1000), .keep)
        } _: { server, egress in
            let needed = Self.head.utf8.count + 1000
            for (limit, code) in [(needed, nil), (needed - 1, HostError.Code.exhausted)] {
                let fetch = try TestFetch(egress, limits: HostLimits([.ingressBytes: limit]))
                #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == code)
                #expect(fetch.used(.concurrentRequests) == 0)
                #expect(fetch.used(.heldBytes) == 0)
            }
        }
    }

    @Test("A request keeps its place until its body is read, and gives it back once")
    func places() async throws {
        try await withServer { _ in
            .ok("hello")
        } _: { server, egress in
            let url = "http://a.test:\(server.port)/"
            let fetch = try TestFetch(egress, limits: HostLimits([.concurrentRequests: 2]))
            let first = try await fetch.get(url)
            let second = try await fetch.get(url)
            #expect(await fetch.failure(url)?.code == .exhausted)
            #expect(fetch.used(.concurrentRequests) == 2)
            #expect(try await first.text() == "hello")
            #expect(fetch.used(.concurrentRequests) == 1)
            // Reading on and cancelling give back nothing more.
            #expect(try await first.body?.read(atMost: 1) == nil)
            first.body?.cancel()
            #expect(fetch.used(.concurrentRequests) == 1)
            second.body?.cancel()
            second.body?.cancel()
            #expect(fetch.used(.concurrentRequests) == 0)
            #expect(await fetch.failure(url) == nil)
            #expect(fetch.used(.heldBytes) == 0)
        }
    }

    @Test("A body that is let go of gives its place back")
    func dropped() async throws {
        try await withServer { _ in
            .long(100 << 20)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            do { _ = try await fetch.get("http://a.test:\(server.port)/") }
            await server.wait { _, open in open == 0 }
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("A cancelled call closes the connection at once and gives its places back")
    func cancelledCall() async throws {
        try await withServer { _ in
            .stall
        } _: { server, egress in
            let fetch = try TestFetch(egress, limits: .none)
            let body = TestBody(1 << 40)
            let code: HostError.Code? = await withCheckedContinuation { continuation in
                let call = fetch.begin(
                    ["method": "POST", "url": "http://a.test:\(server.port)/stall"], .stream(body)
                ) { result in
                    if case .failure(let error) = result { continuation.resume(returning: error.code) }
                }
                Task {
                    await server.wait { requests, _ in requests == 1 }
                    call?.cancel()
                }
            }
            #expect(code == .cancelled)
            for await _ in body.cancelled {}
            await server.wait { _, open in open == 0 }
            #expect(fetch.used(.concurrentRequests) == 0)
            #expect(fetch.used(.heldBytes) == 0)
            #expect(fetch.used(.pendingCalls) == 0)
        }
    }

    @Test("The end of a dispatch cancels what is under way")
    func ended() async throws {
        try await withServer { _ in
            .stall
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            async let error = fetch.failure("http://a.test:\(server.port)/stall")
            await server.wait { requests, _ in requests == 1 }
            fetch.scope.end()
            #expect(await error?.code == .cancelled)
            await server.wait { _, open in open == 0 }
            #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == .cancelled)
        }
    }

    @Test("Connections are bounded; an idle one makes room")
    func connections() async throws {
        let options = testOptions { $0.connections.most = 2 }
        try await withServer(.plain, options) { request in
            request.target == "/long" ? .long(100 << 20) : .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(await fetch.failure("http://a.test:\(server.port)/") == nil)
            let first = try await fetch.get("http://b.test:\(server.port)/long")
            let second = try await fetch.get("http://c.test:\(server.port)/long")
            #expect(await fetch.failure("http://d.test:\(server.port)/")?.code == .unavailable)
            #expect(egress.connectionCount == 2)
            first.body?.cancel()
            second.body?.cancel()
        }
    }
}
