// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import Testing

@Suite("Which worker a request is for")
struct RouteTests {
    @Test(
        "A host of the domain names its first label",
        arguments: [
            ("acme.localhost", "acme"), ("acme.localhost:8080", "acme"), ("acme.localhost.", "acme"),
            ("a-1.localhost", "a-1"), ("xn--bcher-kva.localhost", "xn--bcher-kva"), ("0.localhost:1", "0"),
        ])
    func host(authority: String, name: String) {
        let route = WorkerRoute.find(authority: authority, target: "/x", domain: "localhost")
        #expect(route?.name == name && route?.cut.isEmpty == true)
    }

    @Test(
        "Other hosts name nothing",
        arguments: [
            "", "localhost", "localhost:8080", ".localhost", "a.b.localhost", "-a.localhost", "a-.localhost",
            "acme.localhost..", "acmelocalhost", "acme.example", "[::1]:80", "127.0.0.1", "a_b.localhost",
            "a~.localhost", "\(String(repeating: "a", count: 64)).localhost", "acme.localhost.example",
        ])
    func otherHosts(authority: String) {
        #expect(WorkerRoute.find(authority: authority, target: "/x", domain: "localhost") == nil)
    }

    @Test(
        "A path that begins with /@ names what follows, whatever the host is",
        arguments: [("/@acme/rest?q", "acme", 6), ("/@acme", "acme", 6), ("/@acme?q", "acme", 6), ("/@a/", "a", 3)])
    func path(target: String, name: String, cut: Int) {
        let route = WorkerRoute.find(authority: "other.localhost", target: target, domain: "localhost")
        #expect(route?.name == name && route?.cut == 0..<cut)
    }

    @Test(
        "Other names in a path are nothing, and the host does not stand in for them",
        arguments: ["/@", "/@/x", "/@Acme/x", "/@ac%6de/x", "/@a.b/", "/@-a/", "/@a\\b/", "/@@a/", "/@a;b/"])
    func otherPaths(target: String) {
        #expect(WorkerRoute.find(authority: "acme.localhost", target: target, domain: "localhost") == nil)
    }

    @Test(
        "The worker sees the rest of the path",
        arguments: [
            ("/@acme/rest?q=1", "/rest?q=1"), ("/@acme", "/"), ("/@acme?q=1", "/?q=1"), ("/@acme/", "/"),
            ("/@acme//x", "//x"), ("/plain", "/plain"),
        ])
    func rest(target: String, seen: String) async throws {
        let heads = Later<RequestHead>()
        let handler = Answering { request, exchange in
            heads.set(request.head)
            exchange.respond(ResponseHead(status: 200))
        }
        try await withFront(handler) { _, address in
            let client = try await RawClient.connect(address)
            try await client.send("GET \(target) HTTP/1.1\r\nHost: acme.localhost:81\r\nA: b\r\n\r\n")
            let head = await heads.get()
            let route = WorkerRoute.find(authority: head.authority, target: head.target, domain: "localhost")
            let routed = try head.routed(#require(route))
            #expect(routed.target == seen && routed.url == "http://acme.localhost:81\(seen)")
            #expect(routed.firstHeader("a") == "b" && routed.method == "GET")
        }
    }
}
