// SPDX-License-Identifier: Apache-2.0

import HostAPI
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

@Suite("Requests to workers over HTTP", .leavesNoIsolates, .timeLimit(.minutes(2)))
struct WorkerFrontTests {
    /// Notes records and lines as they come.
    private final class Seen: WorkerObserver {
        let line = Later<String>()
        let record = Later<RequestRecord>()

        func observe(_ line: WorkerLogLine) { self.line.set(line.message) }
        func observe(_ record: RequestRecord) { self.record.set(record) }
    }

    private func serve(
        _ source: String, _ body: (RawClient.Target, Seen) async throws -> Void
    ) async throws {
        let seen = Seen()
        let host = try WorkerHost(IsolateHost(try TestEngine.shared()), options: .init(cores: 2), observer: seen)
        host.install(
            WorkerDeployment(name: "one", version: 1, identity: "one", main: "index.js", modules: ["index.js": source]))
        do {
            try await serving(WorkerFront(host, domain: "example.test")) { _, target in try await body(target, seen) }
        } catch {
            await host.stop()
            throw error
        }
        await host.stop()
    }

    @Test(
        "A request of HTTP/1.0 that names no host reaches its worker by path, under the worker's own host",
        arguments: [
            ("", "http://one.example.test/x?y"), ("Host: other.test:81\r\n", "http://other.test:81/x?y"),
        ])
    func noHost(field: String, url: String) async throws {
        let source = "export default { fetch: ({ url, headers }) => new Response(`${url} ${headers.get('a')}`) }"
        try await serve(source) { target, _ in
            let client = try await RawClient.connect(target)
            try await client.send("GET /@one/x?y HTTP/1.0\r\n\(field)A: b\r\n\r\n")
            let answer = Answer(await client.untilEnd())
            #expect(answer.status == 200 && answer.body == "\(url) b")
        }
    }

    @Test("A request's trace is its record's")
    func trace() async throws {
        try await serve("export default { fetch: () => new Response() }") { target, seen in
            let client = try await RawClient.connect(target)
            let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            try await client.send(
                "GET /@one/ HTTP/1.1\r\nHost: x\r\nTraceparent: \(parent)\r\nConnection: close\r\n\r\n")
            _ = await client.untilEnd()
            #expect(await seen.record.get().trace == "4bf92f3577b34da6a3ce929d0e0e4736")
        }
    }

    @Test("A handler that waits for its client to leave hears when it does")
    func leaving() async throws {
        let source = """
            export default { fetch: ({ signal }, env, ctx) => new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve(new Response(null, { status: 204 })));
              console.log('waits');
            }) }
            """
        try await serve(source) { target, seen in
            let client = try await RawClient.connect(target)
            try await client.send("GET /@one/ HTTP/1.1\r\nHost: x\r\n\r\n")
            #expect(await seen.line.get() == "waits")
            try await client.close()
            let record = await seen.record.get()
            #expect(record.outcome == .ok && record.status == 204, "\(record)")
        }
    }
}
