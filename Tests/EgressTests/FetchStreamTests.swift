// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import Testing

@Suite("Bodies as streams")
struct FetchStreamTests {
    @Test("A large body arrives whole")
    func large() async throws {
        let count = 64 << 20
        try await withServer { _ in
            .long(count)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(try await fetch.get("http://a.test:\(server.port)/").bytes().count == count)
            #expect(fetch.used(.ingressBytes) > count)
        }
    }

    @Test("What nobody reads is not asked for", arguments: [false, true])
    func backPressure(isHTTP2: Bool) async throws {
        try await withServer(isHTTP2 ? .tls(offers: ["h2"]) : .plain) { request in
            request.target == "/" ? .long(64 << 20) : .ok("other")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let base = "\(isHTTP2 ? "https" : "http")://secure.test:\(server.port)"
            let response = try await fetch.get("\(base)/")
            // Others are served meanwhile.
            for _ in 0..<20 { #expect(try await fetch.get("\(base)/other").text() == "other") }
            #expect(fetch.used(.ingressBytes) < 256 << 10)
            #expect(try await response.bytes().count == 64 << 20)
        }
    }

    @Test("A body is taken from its script only as fast as the server reads")
    func slowServer() async throws {
        try await withServer { _ in
            .deaf
        } _: { server, egress in
            let fetch = try TestFetch(egress, limits: HostLimits([.egressBytes: 1 << 30]))
            let body = TestBody(1 << 30)
            async let error = fetch.failure(
                ["method": "POST", "url": "http://a.test:\(server.port)/deaf"], .stream(body))
            await server.wait { requests, _ in requests == 1 }
            fetch.scope.end()
            #expect(await error?.code == .cancelled)
            for await _ in body.cancelled {}
            // What the kernel buffers, and one chunk.
            #expect(body.reads < 200)
        }
    }

    @Test("A body whose script fails breaks the request off")
    func failingScript() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let error = await fetch.failure(
                ["method": "POST", "url": "http://a.test:\(server.port)/"],
                .stream(TestBody(100_000, failsAtEnd: true)))
            #expect(error?.message == "the script stopped")
            await server.wait { _, open in open == 0 }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("Small reads get all of it, in order")
    func smallReads() async throws {
        let text = String((0..<5000).map { "\($0) " }.joined())
        try await withServer { _ in
            .ok(text)
        } _: { server, egress in
            let response = try await TestFetch(egress).get("http://a.test:\(server.port)/")
            #expect(try await response.bytes(atMost: 7) == Array(text.utf8))
        }
    }
}
