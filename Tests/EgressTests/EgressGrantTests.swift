// SPDX-License-Identifier: Apache-2.0
import Egress
import HostAPI
import NIOCore
import Synchronization
import Testing

@Suite("What a grant lets out")
struct EgressGrantTests {
    private func rule(
        _ hosts: [String], methods: Set<String>? = nil, paths: [String]? = nil, headers: [String: String] = [:],
        secrets: Set<String> = []
    ) throws -> NetworkRule {
        try NetworkRule(
            hosts: try hosts.map { host throws(GrantError) in try HostPattern(host) }, methods: methods,
            paths: try paths?.map { path throws(GrantError) in try PathPattern(path) },
            headers: try headers.mapValues { text throws(GrantError) in try HeaderTemplate(text) }, secrets: secrets)
    }

    @Test("Without a rule for it no request leaves, and none is charged")
    func denied() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let grant = NetworkGrant(
                rules: [try rule(["a.test:\(server.port)"], methods: ["GET"], paths: ["/open/**"])],
                addresses: .everything)
            let fetch = try TestFetch(egress, grant)
            let base = "http://a.test:\(server.port)"
            for url in [
                "http://b.test:\(server.port)/open/x", "http://a.test:\(server.port + 1)/open/x", "\(base)/closed",
                "\(base)/open/../closed", "\(base)/open/%2e%2e/closed", "\(base)/open/x%2f..%2f..%2fclosed",
                "http://a.test@b.test/open/x", "http://a.test%40b.test/", "http://127.0.0.1:\(server.port)/open/x",
                "http://a.test.:\(server.port)/open/x",
            ] {
                let code = await fetch.failure(url)?.code
                #expect(code == .denied || code == .invalidArgument, "\(url): \(String(describing: code))")
            }
            let post = await fetch.failure(["method": "POST", "url": "\(base)/open/x"])
            #expect(post?.code == .denied)
            #expect(fetch.used(.subrequests) == 0)
            #expect(server.connections == 0)
            #expect(await fetch.failure("\(base)/open/x") == nil)
            #expect(try await TestFetch(egress, .nothing).failure("\(base)/open/x")?.code == .denied)
        }
    }

    @Test(
        "An address that is not public is refused however it is written",
        arguments: [
            "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "[::1]", "[::ffff:127.0.0.1]", "[::127.0.0.1]",
            "[64:ff9b::7f00:1]", "localhost", "x.localhost", "localhost.", "0.0.0.0", "169.254.169.254",
            "%31%32%37.0.0.1",
            "192.168.0.1", "[fe80::1]", "loop.test", "mapped.test",
        ])
    func addresses(host: String) async throws {
        let options = testOptions(names: ["mapped.test": ["::ffff:127.0.0.1"]])
        try await withServer(.plain, options) { _ in
            .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress, NetworkGrant(rules: [.any]))
            let error = await fetch.failure("http://\(host):\(server.port)/")
            #expect(error?.code == .denied, "\(String(describing: error))")
            #expect(server.connections == 0)
        }
    }

    @Test("A name that leads elsewhere at each look is connected to where it was checked")
    func rebinding() async throws {
        let counter = Counter()
        let options = testOptions { options in
            options.lookup = { _ throws(HostError) in
                // Allowed at the first look, and another address from then on.
                [IPAddress(counter.next() == 0 ? "127.0.0.1" : "127.0.0.2") ?? IPAddress(v4: 0)]
            }
            options.resolver.lifetime = .zero
            options.connections.idleTime = .seconds(60)
        }
        try await withServer(.plain, options) { _ in
            .ok("")
        } _: { server, egress in
            let grant = NetworkGrant(
                rules: [try rule(["a.test"])], addresses: AddressPolicy(granted: [try AddressBlock("127.0.0.1")]))
            let fetch = try TestFetch(egress, grant)
            let url = "http://a.test:\(server.port)/"
            #expect(await fetch.failure(url) == nil)
            // The connection to the first address is still open: it is not used for an address that is refused.
            #expect(await fetch.failure(url)?.code == .denied)
            #expect(server.requests.count == 1)
            #expect(counter.count == 2)
        }
    }

    @Test("Of several addresses only allowed ones are tried, and the next one where one does not answer")
    func fallback() async throws {
        let options = testOptions(names: ["many.test": ["10.1.1.1", "127.0.0.3", "127.0.0.1"]])
        try await withServer(.plain, options) { _ in
            .ok("here")
        } _: { server, egress in
            // The server listens on 127.0.0.1 alone.
            let grant = NetworkGrant(
                rules: [.any], addresses: AddressPolicy(granted: [try AddressBlock("127.0.0.0/8")]))
            let fetch = try TestFetch(egress, grant)
            #expect(try await fetch.get("http://many.test:\(server.port)/").text() == "here")
            #expect(fetch.used(.subrequests) == 1)
        }
    }

    @Test("Secrets and headers of a rule are filled in at its host only")
    func secrets() async throws {
        let secrets = try Secrets(["TOKEN": "s3cr3t"])
        let placeholder = try #require(secrets.placeholder("TOKEN"))
        try await withServer { request in
            request.target == "/away" ? .redirect(307, "http://b.test:\(request.values("x-port")[0])/") : .ok("")
        } _: { server, egress in
            let grant = NetworkGrant(
                rules: [
                    try rule(["a.test"], headers: ["X-Key": "Key ${TOKEN}"], secrets: ["TOKEN"]), try rule(["b.test"]),
                ], addresses: .everything)
            let fetch = try TestFetch(egress, grant, secrets: secrets)
            let port = ["X-Port", "\(server.port)"]
            let own = ["Authorization", "Bearer \(placeholder)"]
            // The script cannot set what the host sets.
            _ = try await fetch.get("http://a.test:\(server.port)/", [own, port, ["x-key", "mine"]])
            #expect(server.requests.last?.values("authorization") == ["Bearer s3cr3t"])
            #expect(server.requests.last?.values("x-key") == ["Key s3cr3t"])
            // Elsewhere the placeholder is refused, at once and after a redirect, and the rule's header is left out.
            let error = await fetch.failure(["url": "http://b.test:\(server.port)/", "headers": [own]])
            #expect(error?.code == .denied)
            let other = ["X-Auth", placeholder]
            #expect(
                await fetch.failure(["url": "http://a.test:\(server.port)/away", "headers": [other, port]])?.code
                    == .denied)
            #expect(await fetch.failure(["url": "http://a.test:\(server.port)/away", "headers": [own, port]]) == nil)
            let last = try #require(server.requests.last)
            #expect(last.values("host") == ["b.test:\(server.port)"])
            #expect(last.values("x-key").isEmpty)
            let sent = server.requests.filter { $0.values("host")[0].hasPrefix("b.") }
            #expect(sent.allSatisfy { !$0.headers.contains("s3cr3t") })
        }
    }

    @Test("Headers that say where a message ends or whom it is for are the host's alone")
    func reserved() async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            _ = try await fetch.send(
                [
                    "method": "POST", "url": "http://a.test:\(server.port)/",
                    "headers": [
                        ["Host", "b.test"], ["Content-Length", "1"], ["Transfer-Encoding", "chunked"],
                        ["Connection", "x"],
                        ["Keep-Alive", "1"], ["Upgrade", "h2c"], ["TE", "trailers"], ["Trailer", "x"], ["Expect", "1"],
                        ["Proxy-Authorization", "x"], ["HTTP2-Settings", "x"],
                    ],
                ], .string("body"))
            let seen = try #require(server.requests.first)
            #expect(seen.values("host") == ["a.test:\(server.port)"])
            #expect(seen.values("content-length") == ["4"])
            #expect(seen.body == Array("body".utf8))
            for name in [
                "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer", "expect",
                "proxy-authorization", "http2-settings",
            ] { #expect(seen.values(name).isEmpty, "\(name)") }
        }
    }

    @Test(
        "What would end a header, a line or a request early is refused",
        arguments: [
            ["X-A", "1\r\nX-B: 2"], ["X-A", "1\nX-B: 2"], ["X-A", "1\u{0}"], ["X-A\r\nX-B", "1"], ["X A", "1"],
            ["", "1"],
            ["X-A:", "1"], ["X-A", "\u{100}"], ["X-A"],
        ])
    func injection(header: [String]) async throws {
        try await withServer { _ in
            .ok("")
        } _: { server, egress in
            let fetch = try TestFetch(egress)
            let url = "http://a.test:\(server.port)/"
            #expect(await fetch.failure(["url": url, "headers": [header]])?.code == .invalidArgument)
            #expect(await fetch.failure(["url": url, "method": "GET / HTTP/1.1\r\nX: y"])?.code == .invalidArgument)
            #expect(server.connections == 0)
            // In a URL line ends are dropped and spaces coded: nothing of it ends the request line.
            #expect(await fetch.failure(url + "x HTTP/1.1\r\nX-B:2") == nil)
            #expect(server.requests.first?.target == "/x%20HTTP/1.1X-B:2")
        }
    }

    @Test(
        "What is no request is an error that says so",
        arguments: [
            #"{"url":"a"}"#, #"{"url":"//a.test/"}"#, #"{"url":1}"#, "{}", "[]",
            #"{"url":"http://a.test/","method":""}"#,
            #"{"url":"http://a.test/","method":"CONNECT"}"#, #"{"url":"http://a.test:70000/"}"#,
            #"{"url":"http://a.test/","headers":[["a"]]}"#, #"{"url":"file:///etc/passwd"}"#,
            #"{"url":"http://é.test/"}"#,
        ])
    func malformed(json: String) async throws {
        let egress = try HTTPEgress(testOptions())
        let table = try HostTable([Fetch(egress)])
        let scope = CallScope(caller: "", bindings: [try table.bind(Fetch.self, as: "f", grant: .everything)])
        let code: HostError.Code? = await withCheckedContinuation { continuation in
            scope.call(0, on: 0, argumentBytes: 1, { () throws(HostError) in [.json(Array(json.utf8))] }) { result in
                if case .failure(let error) = result {
                    continuation.resume(returning: error.code)
                } else {
                    continuation.resume(returning: nil)
                }
            }
        }
        #expect(code == .invalidArgument)
        await egress.shutdown()
    }

    @Test("No request goes to the ports of other protocols", arguments: [22, 25, 6667])
    func ports(port: Int) async throws {
        let egress = try HTTPEgress(testOptions())
        #expect(try await TestFetch(egress).failure("http://a.test:\(port)/")?.code == .denied)
        await egress.shutdown()
    }
}

final class Counter: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func next() -> Int {
        value.withLock { value in
            defer { value += 1 }
            return value
        }
    }
}
