// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import NIOCore
import Testing

@Suite("Servers that misbehave")
struct FetchFailureTests {
    @Test(
        "Lies, breaks and nonsense are errors that name the server",
        arguments: [
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "ended before the response was complete"),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
                "ended before the response was complete"
            ),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "no response of HTTP"),
            ("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "no response of HTTP"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "no response of HTTP"),
            ("SSH-2.0-OpenSSH_9\r\n", "no response of HTTP"),
            ("HTTP/1.1 200 OK\r\nX: y", "ended before"),
            ("", "closed by the other side"),
            ("HTTP/1.1 101 Switching Protocols\r\n\r\n", "another protocol"),
        ])
    func lies(raw: String, expected: String) async throws {
        try await withServer { _ in
            .raw(raw, .close)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let error = await fetch.failure("http://a.test:\(server.port)/")
            #expect(error?.code == .unavailable)
            #expect(error?.message.contains("a.test") == true)
            #expect(error?.message.contains(expected) == true, "\(String(describing: error))")
            #expect(fetch.used(.concurrentRequests) == 0)
            #expect(fetch.used(.heldBytes) == 0)
        }
    }

    @Test("A body up to the end of the connection is a body")
    func untilTheEnd() async throws {
        try await withServer { _ in
            .raw("HTTP/1.0 200 OK\r\n\r\nhello", .close)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(try await fetch.get("http://a.test:\(server.port)/").text() == "hello")
        }
    }

    @Test(
        "A reset is an error, before the head and after it",
        arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab"])
    func reset(raw: String) async throws {
        try await withServer { _ in
            .raw(raw, .reset)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == .unavailable)
        }
    }

    @Test(
        "Headers without end, in one field or in many, end in an error",
        arguments: [String(repeating: "x", count: 100_000), String(repeating: "X-A: b\r\n", count: 1000)])
    func longHead(piece: String) async throws {
        let start = "HTTP/1.1 200 OK\r\nX: "
        try await withServer { _ in
            .endless(start + piece)
        } _: { server, egress in
            let error = try await TestFetch(egress).failure("http://a.test:\(server.port)/")
            #expect(error?.code == .unavailable, "\(String(describing: error))")
            await server.wait { _, open in open == 0 }
        }
    }

    @Test("A head of ten megabytes is refused")
    func tenMegabytes() async throws {
        let head =
            "HTTP/1.1 200 OK\r\n"
            + String(repeating: "X-Header: \(String(repeating: "y", count: 1000))\r\n", count: 10_000)
        try await withServer { _ in
            .raw(head + "\r\n", .close)
        } _: { server, egress in
            let error = try await TestFetch(egress).failure("http://a.test:\(server.port)/")
            #expect(error?.message.contains("too many or too long headers") == true, "\(String(describing: error))")
        }
    }

    @Test("Some interim responses are passed over, endless ones are an error")
    func interim() async throws {
        let interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        try await withServer { request in
            request.target == "/endless"
                ? .endless(interim)
                : .raw(interim + "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", .keep)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(try await fetch.get("http://a.test:\(server.port)/").text() == "hi")
            #expect(await fetch.failure("http://a.test:\(server.port)/endless")?.code == .unavailable)
        }
    }

    @Test("A server that stalls is waited for no longer than allowed, before the head and in the body")
    func stalls() async throws {
        let options = testOptions {
            $0.timeouts.head = .milliseconds(50)
            $0.timeouts.idle = .milliseconds(50)
        }
        try await withServer(.plain, options) { request in
            request.target == "/body" ? .raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", .keep) : .raw("", .keep)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(await fetch.failure("http://a.test:\(server.port)/")?.code == .timedOut)
            #expect(await fetch.failure("http://a.test:\(server.port)/body")?.code == .timedOut)
            await server.wait { _, open in open == 0 }
            #expect(fetch.used(.concurrentRequests) == 0)
        }
    }

    @Test("Nothing listens there, or there is no such name")
    func unreachable() async throws {
        // Nobody listens on this address: a port of the usual one may be another test's by now.
        let egress = try HTTPEgress(testOptions(names: ["empty.test": ["127.0.0.77"]]))
        let fetch = try TestFetch(egress)
        let refused = await fetch.failure("http://empty.test:40000/")
        #expect(refused?.code == .unavailable)
        #expect(refused?.message.contains("refused") == true)
        #expect(await fetch.failure("http://nowhere.example:40000/")?.code == .unavailable)
        await egress.shutdown()
    }

    @Test("A request over a connection that the server has just closed is made again, where that does no harm")
    func stale() async throws {
        let counter = Counter()
        try await withServer { _ in
            // The first on each connection is answered; what comes next finds it closed.
            counter.next() == 1 ? .raw("", .reset) : .ok("hello")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let url = "http://a.test:\(server.port)/"
            #expect(try await fetch.get(url).text() == "hello")
            #expect(try await fetch.get(url).text() == "hello")
            #expect(fetch.used(.subrequests) == 2)
            #expect(server.requests.count == 3)
        }
    }

    @Test("A request that is not idempotent is not made again")
    func notIdempotent() async throws {
        let counter = Counter()
        try await withServer { _ in
            counter.next() == 1 ? .raw("", .reset) : .ok("hello")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let request: [String: any Sendable] = ["method": "POST", "url": "http://a.test:\(server.port)/"]
            #expect(await fetch.failure(request, .string("x")) == nil)
            #expect(await fetch.failure(request, .string("x"))?.code == .unavailable)
            #expect(server.requests.count == 2)
        }
    }

    @Test("An answer that nobody asked for closes the connection, and is no other request's answer")
    func unasked() async throws {
        let reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
        try await withServer { _ in
            .raw(reply + reply.replacing("hello", with: "wrong"), .keep)
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            for _ in 0..<3 { #expect(try await fetch.get("http://a.test:\(server.port)/").text() == "hello") }
        }
    }
}
