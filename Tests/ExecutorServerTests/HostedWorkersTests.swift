// SPDX-License-Identifier: Apache-2.0

import Registry
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

@Suite("Workers of a host, administered", .leavesNoIsolates, .timeLimit(.minutes(2)))
struct HostedWorkersTests {
    private func serve(_ body: (AdminServer, WorkerHost) async throws -> Void) async throws {
        let made = Mutex<WorkerHost?>(nil)
        let hosting = { (observer: any WorkerObserver) throws -> any WorkerHosting in
            let host = try WorkerHost(
                IsolateHost(try TestEngine.shared()), options: .init(cores: 2), observer: observer)
            made.withLock { $0 = host }
            return HostedWorkers(host, DeploymentFactory(HostResources())) { Issue.record("\($0)") }
        }
        try await AdminServer.serve(hosting: hosting) { server in
            let host = try #require(made.withLock { $0 })
            do {
                try await body(server, host)
            } catch {
                await host.stop()
                throw error
            }
            await host.stop()
        }
    }

    private func worker(_ answer: String) -> String {
        manifest("export default { fetch() { console.log('asked'); return new Response('\(answer)') } }")
    }

    @Test("What is deployed answers, is logged and counted; a rollback and a deletion take effect at once")
    func serves() async throws {
        try await serve { server, host in
            let ask = WorkerRequest("GET", "http://one.localhost/")
            let put = try await server.client.request("PUT", "/v1/workers/one", worker("first"))
            #expect(put.status == 201, "\(put.body)")
            let log = try await server.client.open("GET", "/v1/workers/one/logs")
            _ = await log.until(": one\n\n")
            #expect(try await host.fetch(ask, from: "one").body == Array("first".utf8))
            let text = await log.until("event: record")
            #expect(text.contains("\"message\":\"asked\""))
            try await log.close()
            _ = try await server.client.request("PUT", "/v1/workers/one", worker("second"))
            #expect(try await host.fetch(ask, from: "one").body == Array("second".utf8))
            _ = try await server.client.request("POST", "/v1/workers/one/rollback", "{}")
            #expect(try await host.fetch(ask, from: "one").body == Array("first".utf8))
            let metrics = try await server.client.request("GET", "/metrics").body
            #expect(metrics.contains(#"rookery_requests_total{worker="one",outcome="ok"} 3"#))
            #expect(try await server.client.request("GET", "/v1/workers").body.contains("\"requests\":3"))
            _ = try await server.client.request("DELETE", "/v1/workers/one")
            await #expect(throws: DispatchFailure.self) { try await host.fetch(ask, from: "one") }
        }
    }

    @Test("A worker that cannot be served at the start is told of with the reason, and keeps no other one back")
    func fault() async throws {
        let faults = Mutex<[String]>([])
        let made = Mutex<(host: WorkerHost, hosted: HostedWorkers)?>(nil)
        let hosting = { (observer: any WorkerObserver) throws -> any WorkerHosting in
            let host = try WorkerHost(
                IsolateHost(try TestEngine.shared()), options: .init(cores: 2), observer: observer)
            let hosted = HostedWorkers(host, DeploymentFactory(HostResources())) { fault in
                faults.withLock { $0.append(fault) }
            }
            made.withLock { $0 = (host, hosted) }
            return hosted
        }
        try await AdminServer.serve(hosting: hosting) { server in
            let (host, hosted) = try #require(made.withLock { $0 })
            let files = #","bindings":{"FILES":{"type":"files","read":["a"]}}"#
            for (name, more) in [("bad", files), ("good", "")] {
                let text = manifest("export default { fetch: () => new Response('x') }", more: more)
                let parsed = try WorkerManifest(json: Array(text.utf8), rules: server.registry.rules)
                _ = try await server.registry.deploy(parsed, as: WorkerName(name)) { _, _ in [] }
            }
            try await hosted.installAll(of: server.registry)
            #expect(faults.withLock { $0.count } == 1)
            struct Worker: Decodable {
                let name: String
                let fault: String?
            }
            struct List: Decodable { let workers: [Worker] }
            let list = try await server.client.request("GET", "/v1/workers").decode(List.self).workers
            #expect(list.map(\.name) == ["bad", "good"] && list[1].fault == nil)
            let one = try await server.client.request("GET", "/v1/workers/bad").decode(Worker.self)
            #expect(one.fault == list[0].fault)
            #expect(
                one.fault?.hasPrefix("version 1 cannot be served: ") == true && one.fault?.contains("FILES") == true)
            let answer = try await host.fetch(WorkerRequest("GET", "http://good.localhost/"), from: "good")
            #expect(answer.body == Array("x".utf8))
            // The next version is in service.
            _ = try await server.client.request("PUT", "/v1/workers/bad", worker("y"))
            #expect(try await server.client.request("GET", "/v1/workers/bad").decode(Worker.self).fault == nil)
            await host.stop()
        }
    }

    @Test(
        "Modules that do not work are 422 with positions, and the version in service stays",
        arguments: [
            ("\\nexport default {", 2, "syntax"), ("\\n\\nnot.there", 3, "evaluation"),
            ("import './x.js'", nil, "resolution"),
        ])
    func refused(source: String, line: Int?, kind: String) async throws {
        try await serve { server, host in
            _ = try await server.client.request("PUT", "/v1/workers/one", worker("first"))
            let answer = try await server.client.request("PUT", "/v1/workers/one", manifest(source))
            #expect(answer.status == 422)
            let problem = try #require(try answer.decode(ErrorBody.self).error.problems?.first)
            #expect(answer.body.contains("\"kind\":\"\(kind)\""), "\(answer.body)")
            if let line { #expect(problem.file == "index.js" && problem.line == line) }
            let request = WorkerRequest("GET", "http://one.localhost/")
            #expect(try await host.fetch(request, from: "one").body == Array("first".utf8))
        }
    }
}
