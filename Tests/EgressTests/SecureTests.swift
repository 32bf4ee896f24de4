// SPDX-License-Identifier: Apache-2.0
import HostAPI
import NIOCore
import NIOSSL
import Testing

@testable import Egress

@Suite("TLS and HTTP/2")
struct SecureTests {
    @Test("The version is agreed on, and requests and responses are the same in each", arguments: ["h2", "http/1.1"])
    func versions(version: String) async throws {
        try await withServer(.tls(offers: [version])) { request in
            .ok("\(request.majorVersion)", [("X-Seen", request.values("x-sent").first ?? "")])
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let response = try await fetch.send(
                [
                    "method": "POST", "url": "https://secure.test:\(server.port)/x?y",
                    "headers": [["X-Sent", "\u{c3}\u{a9}"]],
                ],
                .string("body"))
            #expect(try await response.text() == (version == "h2" ? "2" : "1"))
            #expect(response.values("x-seen") == ["\u{c3}\u{a9}"])
            let seen = try #require(server.requests.first)
            #expect(seen.target == "/x?y")
            #expect(seen.body == Array("body".utf8))
            #expect(seen.values("host") == ["secure.test:\(server.port)"])
            #expect(seen.values("x-sent") == ["é"])
        }
    }

    @Test("Many requests share one connection of HTTP/2, made while they wait")
    func shared() async throws {
        try await withServer(.tls(offers: ["h2"])) { _ in
            .ok("hello")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<40 {
                    group.addTask { try await fetch.get("https://secure.test:\(server.port)/").text() }
                }
                for try await text in group { #expect(text == "hello") }
            }
            #expect(server.connections == 1)
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("A body streams there and back over HTTP/2")
    func echo() async throws {
        try await withServer(.tls(offers: ["h2"])) { _ in
            .echo
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let response = try await fetch.send(
                ["method": "POST", "url": "https://secure.test:\(server.port)/echo"], .stream(TestBody(1 << 20)))
            #expect(try await response.bytes().count == 1 << 20)
        }
    }

    @Test("A cancelled body ends its stream, and the connection serves on")
    func cancelled() async throws {
        try await withServer(.tls(offers: ["h2"])) { request in
            request.target == "/long" ? .long(100 << 20) : .ok("hello")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            for _ in 0..<5 {
                let response = try await fetch.get("https://secure.test:\(server.port)/long")
                _ = try await response.body?.read(atMost: 10)
                response.body?.cancel()
            }
            #expect(try await fetch.get("https://secure.test:\(server.port)/").text() == "hello")
            #expect(server.connections == 1)
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("What a server did not process before it went away is sent over a new connection, if it can be")
    func goAway() async throws {
        let counter = Counter()
        try await withServer(.tls(offers: ["h2"])) { _ in
            counter.next() % 2 == 0 ? .goAway : .ok("hello")
        } _: {
            server, egress in
            let fetch = try TestFetch(egress)
            let url = "https://secure.test:\(server.port)/"
            let response = try await fetch.send(["method": "POST", "url": url], .string("body"))
            #expect(try await response.text() == "hello")
            #expect(server.connections == 2)
            #expect(server.requests.map(\.body) == [Array("body".utf8), Array("body".utf8)])
            #expect(fetch.used(.subrequests) == 1)
            let error = await fetch.failure(["method": "POST", "url": url], .stream(TestBody(10)))
            #expect(error?.code == .unavailable)
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("A certificate for another name is refused, and so is one that nobody trusts")
    func certificates() async throws {
        try await withServer(.tls(offers: ["h2"])) { _ in
            .ok("")
        } _: { server, egress in
            let other = try await TestFetch(egress).failure("https://other.test:\(server.port)/")
            #expect(other?.message.contains("for another name") == true, "\(String(describing: other))")
            let strict = try HTTPEgress(testOptions { $0.trustedCertificates = [] })
            let unknown = try await TestFetch(strict).failure("https://secure.test:\(server.port)/")
            #expect(unknown?.message.contains("not trusted") == true, "\(String(describing: unknown))")
            #expect(unknown?.code == .unavailable)
            await strict.shutdown()
            #expect(server.requests.isEmpty)
            #expect(try await TestFetch(egress).get("https://127.0.0.1:\(server.port)/").head.status == 200)
        }
    }

    @Test("A server that does not speak TLS is an error that says so")
    func noTLS() async throws {
        try await withServer { _ in
            .raw("HTTP/1.1 400 Bad Request\r\n\r\n", .close)
        } _: { server, egress in
            let error = try await TestFetch(egress).failure("https://secure.test:\(server.port)/")
            #expect(error?.code == .unavailable)
        }
    }

    @Test("A handshake that stalls is given up")
    func stalledHandshake() async throws {
        let options = testOptions { $0.timeouts.connect = .milliseconds(100) }
        try await withServer(.plain, options) { _ in
            .raw("", .keep)
        } _: { server, egress in
            let error = try await TestFetch(egress).failure("https://secure.test:\(server.port)/")
            #expect(error?.code == .timedOut || error?.code == .unavailable)
        }
    }
}

@Suite("Names in certificates")
struct CertificateNameTests {
    @Test(
        "A certificate is for its names, and a star is one whole label",
        arguments: [
            ("a.test", "a.test", true), ("A.Test", "a.test", true), ("a.test", "a.test.", true),
            ("*.a.test", "b.a.test", true),
            ("*.a.test", "a.test", false), ("*.a.test", "c.b.a.test", false), ("*.test", "a.test", false),
            ("*", "test", false),
            ("b*.a.test", "bc.a.test", false), ("a.test", "b.test", false), ("", "a.test", false),
            ("127.0.0.1", "a.test", false),
            ("localhost", "localhost", true), ("a.*.test", "a.b.test", false),
        ])
    func names(pattern: String, host: String, isFor: Bool) {
        #expect(NIOSSLCertificate.matches(Array(pattern.utf8), host) == isFor)
    }
}
