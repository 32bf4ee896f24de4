// SPDX-License-Identifier: Apache-2.0

import Registry
import Support
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

/// Hears nothing.
private struct Unobserved: WorkerObserver {
    func observe(_ line: WorkerLogLine) {}
    func observe(_ record: RequestRecord) {}
}

@Suite("Large answers of workers", .leavesNoIsolates, .timeLimit(.minutes(2))) struct LargeAnswerTests {
    private static let worker = """
        const filled = (count, byte) => new Uint8Array(count).fill(byte);
        export default { async fetch(request) {
          switch (new URL(request.url).pathname) {
            case '/bytes': {
              const bytes = filled(300000, 97);
              const response = new Response(bytes);
              bytes.fill(98);
              return response;
            }
            case '/part': return new Response(filled(300000, 97).subarray(1000, 200000));
            case '/text': return new Response('é'.repeat(100000));
            case '/blob': return new Response(new Blob([filled(100000, 97), filled(100000, 98)]));
            case '/clone': {
              const response = new Response(filled(100000, 97));
              const other = response.clone();
              queueMicrotask(async () => { globalThis.other = (await other.bytes()).length; });
              return response;
            }
            case '/other': return new Response(String(globalThis.other));
            default: return new Response('small');
          }
        } };
        """

    private func serve(_ body: (RawClient.Target) async throws -> Void) async throws {
        let host = try WorkerHost(
            IsolateHost(try TestEngine.shared()), options: .init(cores: 2), observer: Unobserved())
        var rules = ManifestRules()
        DeploymentFactory.allow(in: &rules)
        let source = Self.worker.split(separator: "\n").joined(separator: " ")
        let manifest = try WorkerManifest(json: Array(manifest(source).utf8), rules: rules)
        host.install(try DeploymentFactory(HostResources()).candidate(manifest, as: WorkerName("w")))
        do {
            try await serving(WorkerFront(host, domain: "localhost")) { _, target in try await body(target) }
        } catch {
            await host.stop()
            throw error
        }
        await host.stop()
    }

    /// The bodies of answers to requests that are sent together, by their content-length.
    private func ask(_ target: RawClient.Target, _ paths: String...) async throws -> [String] {
        let client = try await RawClient.connect(target)
        let last = paths.count - 1
        try await client.send(
            paths.enumerated().map { index, path in
                "GET /@w\(path) HTTP/1.1\r\nhost: localhost\r\n\(index == last ? "connection: close\r\n" : "")\r\n"
            }.joined())
        var rest = await client.untilEnd().utf8[...]
        var bodies: [String] = []
        while let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) {
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            let line = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("content-length: ") })
            let count = try #require(Int(line.dropFirst("content-length: ".count)))
            bodies.append(String(decoding: rest[end.upperBound...].prefix(count), as: UTF8.self))
            rest = rest[end.upperBound...].dropFirst(count)
        }
        return bodies
    }

    @Test("They are what they were when the Response was made, in the order of the requests")
    func whole() async throws {
        try await serve { target in
            let bodies = try await ask(target, "/bytes", "/", "/part", "/text", "/blob", "/bytes")
            try #require(bodies.count == 6)
            #expect(bodies[0] == String(repeating: "a", count: 300_000))
            #expect(bodies[1] == "small")
            #expect(bodies[2] == String(repeating: "a", count: 199_000))
            #expect(bodies[3] == String(repeating: "é", count: 100_000))
            #expect(bodies[4] == String(repeating: "a", count: 100_000) + String(repeating: "b", count: 100_000))
            #expect(bodies[5] == bodies[0])
        }
    }

    @Test("A clone of the Response still has its body")
    func clone() async throws {
        try await serve { target in
            let first = try await ask(target, "/clone")
            #expect(first == [String(repeating: "a", count: 100_000)])
            let second = try await ask(target, "/other")
            #expect(second == ["100000"])
        }
    }
}
