// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import Registry
import Synchronization
import Testing

@Suite("The admin API", .timeLimit(.minutes(1)))
struct AdminTests {
    struct Deployed: Decodable {
        struct Sizes: Decodable {
            let sourceBytes: Int
            let modules: Int
        }
        let name: String
        let version: Int
        let url: String
        let sizes: Sizes
    }

    @Test("A first version is 201, the next 200; both are in service, and a rollback goes back")
    func deploys() async throws {
        try await AdminServer.serve { server in
            let first = try await server.client.request("PUT", "/v1/workers/one", manifest())
            #expect(first.status == 201)
            #expect(first.headers["location"] == "/v1/workers/one")
            let deployed = try first.decode(Deployed.self)
            #expect(deployed.name == "one" && deployed.version == 1 && deployed.url == "http://one.localhost/")
            #expect(deployed.sizes.sourceBytes == 17 && deployed.sizes.modules == 1)
            #expect(try server.host.version(of: "one") == 1)

            let second = try await server.client.request("PUT", "/v1/workers/one", manifest("1"))
            #expect(second.status == 200)
            #expect(try server.host.version(of: "one") == 2)

            let back = try await server.client.request("POST", "/v1/workers/one/rollback")
            #expect(back.status == 200)
            #expect(back.body == "{\"name\":\"one\",\"version\":1}\n")
            #expect(try server.host.version(of: "one") == 1)
            let named = try await server.client.request("POST", "/v1/workers/one/rollback", #"{"version":2}"#)
            #expect(named.body == "{\"name\":\"one\",\"version\":2}\n")
            let missing = try await server.client.request("POST", "/v1/workers/one/rollback", #"{"version":9}"#)
            #expect(missing.status == 404 && missing.code == "unknownVersion")
            for body in [#"{"version":"2"}"#, #"{"version":0}"#, "[]", "{", #"{"x":1}"#] {
                #expect(try await server.client.request("POST", "/v1/workers/one/rollback", body).status == 400)
            }
            #expect(try server.host.version(of: "one") == 2)
        }
    }

    @Test("A worker that was deleted is gone from the registry and from service")
    func deletes() async throws {
        try await AdminServer.serve { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            let deleted = try await server.client.request("DELETE", "/v1/workers/one")
            #expect(deleted.status == 204 && deleted.body.isEmpty)
            #expect(try server.host.version(of: "one") == nil)
            for (method, path) in [
                ("DELETE", "/v1/workers/one"), ("GET", "/v1/workers/one"), ("GET", "/v1/workers/one/logs"),
                ("POST", "/v1/workers/one/rollback"), ("GET", "/v1/workers/NoName"),
            ] {
                let answer = try await server.client.request(method, path)
                #expect(answer.status == 404 && answer.code == "unknownWorker", "\(method) \(path)")
            }
            #expect(try await server.client.request("PUT", "/v1/workers/one", manifest()).status == 201)
        }
    }

    @Test("Workers are listed by pages, in the order of their names")
    func lists() async throws {
        struct Page: Decodable {
            struct Worker: Decodable {
                let name: String
                let version: Int
                let created: Int
                let requests: Int
                let errors: Int
                let isolates: Int
                let memoryBytes: Int
                let cpuMicroseconds: Int
            }
            let workers: [Worker]
            let next: String?
        }
        try await AdminServer.serve { server in
            for name in ["b", "c", "a"] {
                _ = try await server.client.request("PUT", "/v1/workers/\(name)", manifest())
            }
            let first = try await server.client.request("GET", "/v1/workers?limit=2").decode(Page.self)
            #expect(first.workers.map(\.name) == ["a", "b"] && first.next == "b")
            #expect(first.workers[0].requests == 7 && first.workers[0].created > 0)
            let answer = try await server.client.request("GET", "/v1/workers?limit=2&after=b")
            #expect(answer.body.contains("\"next\":null"))
            #expect(try answer.decode(Page.self).workers.map(\.name) == ["c"])
            for query in ["limit=x", "limit=-1", "after=%"] {
                #expect(try await server.client.request("GET", "/v1/workers?\(query)").status == 400, "\(query)")
            }
        }
    }

    @Test("A worker's details have its versions, limits, bindings and crons, and no secret's value")
    func details() async throws {
        struct Details: Decodable {
            struct Version: Decodable { let version: Int }
            struct Cron: Decodable { let cron: String }
            struct Usage: Decodable { let requests: Int }
            let version: Int
            let main: String
            let modules: [String]
            let versions: [Version]
            let limits: [String: JSONScalar]
            let bindings: [String: [String: String]]
            let crons: [String]
            let schedule: [Cron]
            let usage: Usage
        }
        try await AdminServer.serve { server in
            let more = #"""
                ,"bindings":{"T":{"type":"text","value":"q\"\\"},"S":{"type":"secret","value":"hunter22"}},
                "limits":{"cpuMilliseconds":77},"crons":["*/5 * * * *"]
                """#
            let put = try await server.client.request("PUT", "/v1/workers/one", manifest(more: more))
            #expect(put.status == 201, "\(put.body)")
            let answer = try await server.client.request("GET", "/v1/workers/one")
            #expect(answer.status == 200 && !answer.body.contains("hunter22"))
            let details = try answer.decode(Details.self)
            #expect(details.version == 1 && details.main == "index.js" && details.modules == ["index.js"])
            #expect(details.versions.map(\.version) == [1])
            #expect(details.bindings["T"]?["value"] == "q\"\\" && details.bindings["S"] == ["type": "secret"])
            #expect(details.limits["cpuMilliseconds"] == .number(77))
            #expect(details.crons == ["*/5 * * * *"] && details.schedule.map(\.cron) == ["*/5 * * * *"])
            #expect(details.usage.requests == 7)
        }
    }

    enum JSONScalar: Decodable, Equatable {
        case number(Int)
        case text(String)

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            self = try (try? .number(value.decode(Int.self))) ?? .text(value.decode(String.self))
        }
    }

    @Test("A version that does not work is 422 with positions, and the one in service stays")
    func refused() async throws {
        try await AdminServer.serve { server in
            _ = try await server.client.request("PUT", "/v1/workers/one", manifest())
            server.host.setCheck { _, _ in
                [
                    DeploymentProblem(
                        .evaluation, "x is not defined", module: "index.js", line: 3, column: 5,
                        stack: "ReferenceError: x is not defined\n    at index.js:3:5")
                ]
            }
            let answer = try await server.client.request("PUT", "/v1/workers/one", manifest("x"))
            #expect(answer.status == 422)
            let error = try answer.decode(ErrorBody.self).error
            #expect(error.code == "refused")
            let problem = try #require(error.problems?.first)
            #expect(problem.message == "x is not defined" && problem.file == "index.js")
            #expect(problem.line == 3 && problem.column == 5)
            #expect(problem.stack == "ReferenceError: x is not defined\n    at index.js:3:5")
            #expect(try server.host.version(of: "one") == 1)
        }
    }

    @Test(
        "A version that could not be tried is not said to be wrong: 503 where there is no room, 500 at the host's fault"
    )
    func untried() async throws {
        try await AdminServer.serve { server in
            server.host.setCheck { _, _ in [DeploymentProblem(.room, "no room")] }
            let full = try await server.client.request("PUT", "/v1/workers/one", manifest())
            #expect(full.status == 503 && full.code == "busy" && full.headers["retry-after"] == "1")
            #expect(try full.decode(ErrorBody.self).error.problems?.first?.message == "no room")
            server.host.setCheck { _, _ in [DeploymentProblem(.host, "broken")] }
            let broken = try await server.client.request("PUT", "/v1/workers/one", manifest())
            #expect(broken.status == 500 && broken.code == "failed" && broken.headers["retry-after"] == nil)
            #expect(try server.host.version(of: "one") == nil)
        }
    }

    @Test(
        "What is no manifest is 400 with the place",
        arguments: [
            ("", ""), ("{", ""), ("[]", ""), (#"{"main":"a.js"}"#, "modules"),
            (manifest(more: #","limits":{"memoryMiB":1}"#), "limits.memoryMiB"),
            (manifest(more: #","crons":["x"]"#), "crons[0]"), (manifest(more: #","colour":1"#), "colour"),
            (manifest(more: #","bindings":{"A":{"type":"nope"}}"#), "bindings.A.type"),
        ])
    func malformed(body: String, path: String) async throws {
        try await AdminServer.serve { server in
            let answer = try await server.client.request("PUT", "/v1/workers/one", body)
            #expect(answer.status == 400 && answer.code == "malformed", "\(answer.body)")
            if !path.isEmpty { #expect(try answer.decode(ErrorBody.self).error.path == path) }
            #expect(try server.host.version(of: "one") == nil)
        }
    }

    @Test("A manifest of many megabytes is taken, and a larger one than may be is 413, announced or not")
    func sizes() async throws {
        try await AdminServer.serve { server in
            let source = String(repeating: "x", count: 9 << 20)
            let put = try await server.client.request("PUT", "/v1/workers/one", manifest(source))
            #expect(put.status == 201, "\(put.body)")
        }
        var options = WorkerRegistry.Options()
        options.rules.mostSourceBytes = 1 << 10
        try await AdminServer.serve(registry: options) { server in
            let source = manifest(String(repeating: "x", count: 2 << 10))
            let tooMuch = try await server.client.request("PUT", "/v1/workers/one", source)
            #expect(tooMuch.status == 413 && tooMuch.code == "tooLarge")
            let long = String(repeating: " ", count: 5 << 20)
            let announced = try await RawClient.connect(server.client.target)
            try await announced.send(
                "PUT /v1/workers/one HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(AdminTestClient.token)\r\n"
                    + "Content-Length: \(long.utf8.count)\r\n\r\n")
            #expect(await announced.until("tooLarge").statuses == [413])
            try await announced.close()
            let chunked = try await server.client.open(
                "PUT", "/v1/workers/one", headers: ["Transfer-Encoding: chunked"])
            try await chunked.send("\(String(long.utf8.count, radix: 16))\r\n\(long)\r\n0\r\n\r\n")
            #expect(await chunked.until("tooLarge").statuses == [413])
        }
    }

    @Test(
        "A body that says that it is no JSON is 415; what simple clients say is taken",
        arguments: [
            ("Content-Type: multipart/form-data; boundary=x", 415), ("Content-Type: text/html", 415),
            ("Content-Encoding: gzip", 415), ("Content-Type: Application/JSON; charset=utf-8", 201),
            ("Content-Type: application/x-www-form-urlencoded", 201), ("Content-Type: application/vnd.x+json", 201),
            ("X-None: 1", 201),
        ])
    func contentType(header: String, status: Int) async throws {
        try await AdminServer.serve { server in
            let answer = try await server.client.request("PUT", "/v1/workers/one", manifest(), headers: [header])
            #expect(answer.status == status)
        }
    }

    @Test(
        "A path takes its methods, and says which",
        arguments: [
            ("DELETE", "/v1/workers", "GET, HEAD"), ("POST", "/v1/workers/one", "GET, HEAD, PUT, DELETE"),
            ("GET", "/v1/workers/one/rollback", "POST"), ("PUT", "/v1/workers/one/logs", "GET"),
            ("HEAD", "/v1/workers/one/logs", "GET"),
            ("GET", "/v1/run", "POST"), ("POST", "/healthz", "GET, HEAD"), ("PUT", "/metrics", "GET, HEAD"),
        ])
    func methods(method: String, path: String, allowed: String) async throws {
        try await AdminServer.serve { server in
            let answer = try await server.client.request(method, path)
            #expect(answer.status == 405 && answer.headers["allow"] == allowed)
        }
    }

    @Test(
        "Other paths are 404",
        arguments: [
            "/", "/v1", "/v1/", "/v1/workers/", "/v1/workers/one/x", "/v2/workers", "//v1/workers", "/healthz/",
        ])
    func paths(path: String) async throws {
        try await AdminServer.serve { server in
            let answer = try await server.client.request("GET", path)
            #expect(answer.status == 404)
        }
    }

    @Test("Two deployments at once both get answers, and what serves is what the registry says")
    func atOnce() async throws {
        try await AdminServer.serve { server in
            let gate = Later<Bool>()
            server.host.setCheck { _, _ in
                _ = await gate.get()
                return []
            }
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await server.client.request("PUT", "/v1/workers/one", manifest("\(number)")).status
                    }
                }
                gate.set(true)
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [200, 200, 200, 200, 200, 200, 200, 201])
            let service = try await server.registry.load(WorkerName("one")).summary.number
            #expect(service == 8)
            #expect(try server.host.version(of: "one") == service)
        }
    }

    @Test("Where too many changes are under way, more are 503 with Retry-After; readers are not kept waiting")
    func busy() async throws {
        var options = AdminOptions()
        options.mostChanges = 1
        try await AdminServer.serve(options: options) { server in
            let (begun, gate) = (Later<Bool>(), Later<Bool>())
            server.host.setCheck { _, _ in
                begun.set(true)
                _ = await gate.get()
                return []
            }
            async let slow = server.client.request("PUT", "/v1/workers/one", manifest())
            _ = await begun.get()
            let other = try await server.client.request("PUT", "/v1/workers/two", manifest())
            #expect(other.status == 503 && other.headers["retry-after"] == "1" && other.code == "busy")
            #expect(try await server.client.request("GET", "/v1/workers").status == 200)
            gate.set(true)
            #expect(try await slow.status == 201)
            #expect(try await server.client.request("PUT", "/v1/workers/two", manifest()).status == 201)
        }
    }

    @Test("Before it is ready and while it ends, changes and /readyz are 503; /healthz is not")
    func readiness() async throws {
        try await AdminServer.serve { server in
            let ready = try await server.client.request("GET", "/readyz", token: nil)
            #expect(ready.status == 200)
            for readiness in [Readiness.starting, .draining] {
                server.api.readiness = readiness
                let answer = try await server.client.request("GET", "/readyz", token: nil)
                #expect(answer.status == 503 && answer.body == "\(readiness)\n" && answer.headers["retry-after"] != nil)
                #expect(try await server.client.request("GET", "/healthz", token: nil).status == 200)
                let put = try await server.client.request("PUT", "/v1/workers/one", manifest())
                #expect(put.status == 503 && put.headers["retry-after"] != nil && put.code == "\(readiness)")
                #expect(try await server.client.request("GET", "/v1/workers").status == 200)
            }
        }
    }
}

@Suite("Who may use the admin API", .timeLimit(.minutes(1)))
struct AdminAccessTests {
    static let guarded = [
        ("GET", "/v1/workers"), ("GET", "/v1/workers/one"), ("PUT", "/v1/workers/one"), ("DELETE", "/v1/workers/one"),
        ("POST", "/v1/workers/one/rollback"), ("GET", "/v1/workers/one/logs"), ("POST", "/v1/run"), ("GET", "/metrics"),
    ]

    @Test("Without the token there is nothing to be had", arguments: guarded)
    func withoutToken(method: String, path: String) async throws {
        try await AdminServer.serve { server in
            let headers = [[], ["Authorization: Basic YTpi"], ["Authorization: Bearer"]]
            for headers in headers {
                let answer = try await server.client.request(method, path, token: nil, headers: headers)
                #expect(answer.status == 401 && answer.headers["www-authenticate"]?.hasPrefix("Bearer") == true)
            }
            let wrong = try await server.client.request(method, path, token: AdminTestClient.token + "x")
            #expect(wrong.status == 401 && wrong.code == "unauthorized")
        }
    }

    @Test("Liveness and readiness need no token, and metrics none where the operator says so")
    func open() async throws {
        var options = AdminOptions()
        options.metricsNeedToken = false
        try await AdminServer.serve(options: options) { server in
            for path in ["/healthz", "/readyz", "/metrics"] {
                #expect(try await server.client.request("GET", path, token: nil).status == 200)
            }
            let head = try await server.client.request("HEAD", "/healthz", token: nil)
            #expect(head.status == 200 && head.body.isEmpty)
        }
    }

    @Test("Who shows wrong tokens must wait, with the right one too")
    func guessing() async throws {
        var options = AdminOptions()
        options.wrongTokens = WrongTokens(burst: 2, interval: .seconds(3600))
        try await AdminServer.serve(options: options) { server in
            for _ in 0..<2 {
                #expect(try await server.client.request("GET", "/v1/workers", token: "wrong-wrong-wrong").status == 401)
            }
            for token in ["wrong-wrong-wrong", AdminTestClient.token] {
                let answer = try await server.client.request("GET", "/v1/workers", token: token)
                #expect(answer.status == 429 && answer.code == "tooManyAttempts")
                let wait = try #require(answer.headers["retry-after"].flatMap { Int($0) })
                #expect((3500...3600).contains(wait))
            }
            #expect(try await server.client.request("GET", "/healthz", token: nil).status == 200)
        }
    }

    @Test("The right token clears what was wrong before")
    func forgiven() async throws {
        var options = AdminOptions()
        options.wrongTokens = WrongTokens(burst: 2, interval: .seconds(3600))
        try await AdminServer.serve(options: options) { server in
            for _ in 0..<4 {
                let wrong = try await server.client.request("GET", "/v1/workers", token: "wrong-wrong-wrong")
                #expect(wrong.status == 401)
                #expect(try await server.client.request("GET", "/v1/workers").status == 200)
            }
        }
    }
}
