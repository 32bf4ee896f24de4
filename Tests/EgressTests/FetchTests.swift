// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import Testing

@Suite("Requests")
struct FetchTests {
    @Test("A request arrives as the script made it, and the response comes back with its head and body")
    func simple() async throws {
        try await withServer { _ in
            .ok("hello", [("X-One", "1"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        } _: {
            server, egress in
            let fetch = try TestFetch(egress)
            let response = try await fetch.send(
                [
                    "method": "post", "url": "http://a.test:\(server.port)/p%20q?x=%7C|#frag",
                    "headers": [["X-Tr", "  v "]],
                ],
                .string("body"))
            #expect(response.head.status == 200)
            #expect(response.head.statusText == "OK")
            #expect(response.head.url == "http://a.test:\(server.port)/p%20q?x=%7C|")
            #expect(!response.head.redirected)
            #expect(response.values("set-cookie") == ["a=1", "b=2"])
            #expect(try await response.text() == "hello")
            let seen = try #require(server.requests.first)
            #expect(seen.method == "POST")
            #expect(seen.target == "/p%20q?x=%7C|")
            #expect(seen.body == Array("body".utf8))
            #expect(seen.values("host") == ["a.test:\(server.port)"])
            #expect(seen.values("x-tr") == ["v"])
            #expect(seen.values("content-length") == ["4"])
            #expect(seen.values("accept-encoding") == ["gzip, deflate, br"])
            #expect(seen.values("user-agent") == ["Rookery"])
        }
    }

    @Test("Each request, redirected ones too, is another part of its dispatch's trace, unless the script says which")
    func traces() async throws {
        try await withServer { request in
            request.target == "/moved" ? .redirect(302, "/") : .ok("hello")
        } _: { server, egress in
            let url = "http://a.test:\(server.port)"
            var trace = try #require(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            trace.state = "x=1"
            let fetch = try TestFetch(egress, trace: trace, traces: TraceSource())
            _ = try await fetch.get(url + "/moved").text()
            let sent = server.requests.compactMap { $0.values("traceparent").first.flatMap { TraceContext($0) } }
            #expect(sent.count == 2 && sent.allSatisfy { $0.trace == trace.trace && $0.isSampled })
            #expect(Set(sent.map(\.parent) + [trace.parent]).count == 3)
            #expect(server.requests.map { $0.values("tracestate") } == [["x=1"], ["x=1"]])

            let new = try TestFetch(egress, traces: TraceSource())
            _ = try await new.get(url + "/").text()
            let begun = server.requests.last?.values("traceparent").first.flatMap { TraceContext($0) }
            #expect(begun != nil && begun?.trace == new.scope.trace?.trace && begun?.trace != trace.trace)
            _ = try await fetch.get(url + "/", [["TraceParent", "mine"]]).text()
            #expect(server.requests.last?.values("traceparent") == ["mine"])
            #expect(server.requests.last?.values("tracestate") == [])
            // Nobody asked for traces.
            _ = try await TestFetch(egress).get(url + "/").text()
            #expect(server.requests.last?.values("traceparent") == [])
        }
    }

    @Test("One connection serves requests of several tenants one after another, and carries nothing over")
    func reuse() async throws {
        try await withServer { _ in
            .ok("hello", [("Set-Cookie", "a=1")])
        } _: { server, egress in
            let url = "http://a.test:\(server.port)/"
            for tenant in ["one", "two", "three"] {
                let fetch = try TestFetch(egress, caller: tenant)
                let headers = tenant == "one" ? [["Authorization", "Basic x"], ["Cookie", "z=1"]] : []
                #expect(try await fetch.get(url, headers).text() == "hello")
            }
            #expect(server.connections == 1)
            #expect(server.requests.map { $0.values("authorization").count } == [1, 0, 0])
            #expect(server.requests.map { $0.values("cookie").count } == [1, 0, 0])
        }
    }

    @Test("Responses without a body have none", arguments: [("HEAD", 200), ("GET", 204), ("GET", 304)])
    func bodiless(method: String, status: Int) async throws {
        try await withServer { request in
            request.method == "HEAD"
                ? .raw("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", .keep) : .response(status, [], [])
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            for _ in 0..<2 {
                let response = try await fetch.send(["method": method, "url": "http://a.test:\(server.port)/"])
                #expect(response.head.status == status)
                #expect(response.body == nil)
            }
            #expect(server.connections == 1)
        }
    }

    @Test("Values of headers are bytes, in the request and in the response")
    func isomorphic() async throws {
        try await withServer { request in
            .ok("", [("X-Back", request.values("x-there").first ?? "")])
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            // As a script has the UTF-8 of "é" in a header: a code unit for each byte.
            let value = "\u{c3}\u{a9}"
            let response = try await fetch.get("http://a.test:\(server.port)/", [["X-There", value]])
            #expect(server.requests.first?.values("x-there") == ["é"])
            #expect(response.values("x-back") == [value])
        }
    }

    @Test("A body streams there and back at the same time")
    func echo() async throws {
        try await withServer { _ in
            .echo
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let count = 3 << 20
            let response = try await fetch.send(
                ["method": "POST", "url": "http://a.test:\(server.port)/echo"], .stream(TestBody(count)))
            #expect(server.requests.first?.values("transfer-encoding") == ["chunked"])
            #expect(try await response.bytes() == [UInt8](repeating: 0x62, count: count))
        }
    }

    @Test("A thousand requests are under way at a time")
    func thousand() async throws {
        let most = 1000
        try await withServer { _ in
            .ok("hello")
        } _: { server, egress in
            let limits = HostLimits([.subrequests: most, .concurrentRequests: most])
            let fetch = try TestFetch(egress, limits: limits)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<most {
                    group.addTask { try await fetch.get("http://a.test:\(server.port)/").text() == "hello" }
                }
                for try await isRight in group { #expect(isRight) }
            }
            #expect(fetch.used(.subrequests) == most)
            #expect(fetch.used(.concurrentRequests) == 0)
            #expect(fetch.used(.heldBytes) == 0)
        }
    }
}
