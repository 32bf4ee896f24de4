// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import Testing

@Suite("Redirects")
struct RedirectTests {
    /// Goes where the query says, with the status in the path.
    private static let respond: TestServer.Respond = { request in
        guard let mark = request.target.firstIndex(of: "?"), let status = Int(request.target[..<mark].dropFirst())
        else {
            return .ok("\(request.method) \(request.target)")
        }
        return .redirect(status, String(request.target[request.target.index(after: mark)...]))
    }

    private func grant(_ hosts: String...) throws -> NetworkGrant {
        NetworkGrant(
            rules: [try NetworkRule(hosts: try hosts.map { host throws(GrantError) in try HostPattern(host) })],
            addresses: .everything)
    }

    @Test(
        "The method and the body change as the Fetch Standard says",
        arguments: [
            (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"),
            (308, "POST", "POST"), (301, "PUT", "PUT"), (303, "PUT", "GET"), (303, "HEAD", "HEAD"), (302, "GET", "GET"),
        ])
    func methods(status: Int, method: String, expected: String) async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress)
            let hasBody = ["POST", "PUT"].contains(method)
            let response = try await fetch.send(
                [
                    "method": method, "url": "http://a.test:\(server.port)/\(status)?/end",
                    "headers": [["Content-Type", "text/x"], ["X-Keep", "1"]],
                ], hasBody ? .string("body") : nil)
            #expect(response.head.redirected)
            #expect(response.head.url == "http://a.test:\(server.port)/end")
            let last = try #require(server.requests.last)
            #expect(last.method == expected)
            #expect(last.body == (expected == method && hasBody ? Array("body".utf8) : []))
            #expect(last.values("content-type").isEmpty == (expected != method))
            #expect(last.values("x-keep") == ["1"])
            #expect(fetch.used(.subrequests) == 2)
        }
    }

    @Test("Authorization and cookies do not follow to another origin, and do within one")
    func credentials() async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress)
            let headers = [["Authorization", "Basic x"], ["Cookie", "a=1"], ["X-Other", "1"]]
            for (place, kept) in [("http://b.test:\(server.port)/end", 0), ("/end", 1)] {
                _ = try await fetch.get("http://a.test:\(server.port)/302?\(place)", headers).text()
                let last = try #require(server.requests.last)
                #expect(last.values("authorization").count == kept)
                #expect(last.values("cookie").count == kept)
                #expect(last.values("x-other") == ["1"])
            }
        }
    }

    @Test("A redirect that leaves the list is refused before anything is sent there")
    func leaving() async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress, try grant("a.test"))
            for place in [
                "http://b.test:\(server.port)/end", "//b.test:\(server.port)/", "http://a.test.b.test:\(server.port)/",
                "http://127.0.0.1:\(server.port)/", "http://2130706433:\(server.port)/", "\\\\b.test:\(server.port)\\x",
            ] {
                let error = await fetch.failure("http://a.test:\(server.port)/302?\(place)")
                #expect(error?.code == .denied, "\(place): \(String(describing: error))")
            }
            #expect(server.requests.allSatisfy { $0.values("host") == ["a.test:\(server.port)"] })
        }
    }

    @Test(
        "A redirect to what cannot be fetched fails",
        arguments: [
            "ftp://a.test/", "data:,x", "http://user@a.test/", "http://[::1", "http://a.test:99999/",
            "http://b%00.test/",
        ])
    func malformed(place: String) async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let error = try await TestFetch(egress).failure("http://a.test:\(server.port)/302?\(place)")
            #expect(error?.code == .unavailable)
            #expect(server.requests.count == 1)
        }
    }

    @Test("Twenty redirects are followed, and not one more; each costs a subrequest")
    func count() async throws {
        try await withServer { request in
            let left = Int(request.target.dropFirst()) ?? 0
            return left == 0 ? .ok("end") : .redirect(302, "/\(left - 1)")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            #expect(try await fetch.get("http://a.test:\(server.port)/20").text() == "end")
            #expect(fetch.used(.subrequests) == 21)
            #expect(await fetch.failure("http://a.test:\(server.port)/21")?.code == .unavailable)
            #expect(fetch.used(.subrequests) == 42)
            #expect(await fetch.failure("http://a.test:\(server.port)/20")?.code == .exhausted)
            #expect(fetch.used(.subrequests) == 50)
            #expect(fetch.used(.concurrentRequests) == 0)
            // What fails may cost its connection: the rest of its response may not have come yet.
            #expect((1...3).contains(server.connections))
        }
    }

    @Test("Redirects are answered as they are, or refused, where the request says so")
    func modes() async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress)
            let url = "http://a.test:\(server.port)/302?/end"
            let response = try await fetch.send(["url": url, "redirect": "manual"])
            #expect(response.head.status == 302)
            #expect(response.values("location") == ["/end"])
            #expect(!response.head.redirected)
            #expect(await fetch.failure(["url": url, "redirect": "error"])?.code == .unavailable)
            #expect(await fetch.failure(["url": url, "redirect": "other"])?.code == .invalidArgument)
            #expect(server.requests.count == 2)
        }
    }

    @Test("A body that was streamed is not sent again, but a 303 needs none")
    func streamed() async throws {
        try await withServer(.plain, testOptions(), Self.respond) { server, egress in
            let fetch = try TestFetch(egress)
            func failure(_ status: Int) async -> HostError? {
                await fetch.failure(
                    ["method": "POST", "url": "http://a.test:\(server.port)/\(status)?/end"], .stream(TestBody(10)))
            }
            #expect(await failure(307)?.code == .unavailable)
            #expect(await failure(301)?.code == .unavailable)
            #expect(await failure(303) == nil)
            #expect(server.requests.map(\.method) == ["POST", "POST", "POST", "GET"])
        }
    }

    @Test("A redirect may lead to a name that leads to an address which is not granted: it is refused there")
    func rebound() async throws {
        let options = testOptions(names: [
            "inside.test": ["10.0.0.1"], "meta.test": ["169.254.169.254", "fd00:ec2::254"],
        ])
        try await withServer(.plain, options, Self.respond) { server, egress in
            let any = NetworkGrant(rules: [.any], addresses: AddressPolicy(granted: [try AddressBlock("127.0.0.0/8")]))
            let fetch = try TestFetch(egress, any)
            for host in ["inside.test", "meta.test", "[::ffff:10.0.0.1]", "0x0a.1", "012.0.0.1"] {
                let error = await fetch.failure("http://a.test:\(server.port)/302?http://\(host):\(server.port)/")
                #expect(error?.code == .denied, "\(host): \(String(describing: error))")
            }
        }
    }
}
