// SPDX-License-Identifier: Apache-2.0
import Egress
import Foundation
import HostAPI
import NIOCore
import NIOPosix
import Synchronization
import WorkerTypes

/// A way out for tests: names ending in `.test` are 127.0.0.1 unless `names` says otherwise.
func testOptions(
    names: [String: [String]] = [:], _ change: (inout HTTPEgress.Options) -> Void = { _ in }
) -> HTTPEgress.Options {
    var options = HTTPEgress.Options()
    options.trustedCertificates = Array(testCertificate.utf8)
    options.lookup = { name throws(HostError) in
        if let found = names[name] { return found.compactMap { IPAddress($0) } }
        guard name.hasSuffix(".test") else { throw HostError(.unavailable, "there is no \(name)") }
        return [IPAddress(v4: 0x7f00_0001)]
    }
    change(&options)
    return options
}

/// What `fetch.send` answered.
struct Fetched: Sendable {
    struct Head: Decodable, Sendable {
        let status: Int
        let statusText: String
        let headers: [[String]]
        let url: String
        let redirected: Bool
    }

    let head: Head
    let body: (any ByteStream)?

    func values(_ name: String) -> [String] { head.headers.filter { $0[0].lowercased() == name }.map { $0[1] } }

    func bytes(atMost: Int = 64 << 10) async throws(HostError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let chunk = try await body?.read(atMost: atMost) { bytes += chunk }
        return bytes
    }

    func text() async throws(HostError) -> String { String(decoding: try await bytes(), as: UTF8.self) }
}

/// A dispatch that may fetch.
struct TestFetch: Sendable {
    let scope: CallScope
    private let operation: Int

    init(
        _ egress: HTTPEgress, _ grant: NetworkGrant = .everything, secrets: Secrets = .none,
        limits: HostLimits = .standard, caller: String = "test", trace: TraceContext? = nil, traces: TraceSource? = nil
    ) throws {
        let table = try HostTable([Fetch(egress, secrets: secrets)])
        operation = table.index(of: "fetch.send") ?? -1
        scope = CallScope(
            caller: caller, bindings: [try table.bind(Fetch.self, as: "fetch", grant: grant)], limits: limits,
            trace: trace, traces: traces)
    }

    @discardableResult func begin(
        _ request: [String: any Sendable], _ body: HostValue? = nil,
        _ answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) -> PendingCall? {
        let text = (try? JSONSerialization.data(withJSONObject: request)).map { [UInt8]($0) } ?? []
        let arguments = [HostValue.json(text)] + (body.map { [$0] } ?? [])
        return scope.call(
            operation, on: 0, argumentBytes: HostValue.list(arguments).byteCount,
            { () throws(HostError) in arguments }, answer: answer)
    }

    func send(_ request: [String: any Sendable], _ body: HostValue? = nil) async throws(HostError) -> Fetched {
        let value = try await withCheckedContinuation { continuation in
            begin(request, body) { continuation.resume(returning: $0) }
        }.get()
        guard case .list(let parts) = value, parts.count == 2, case .json(let json) = parts[0],
            let head = try? JSONDecoder().decode(Fetched.Head.self, from: Data(json))
        else { throw HostError(.failed, "a strange answer: \(value)") }
        if case .stream(let stream) = parts[1] { return Fetched(head: head, body: stream) }
        return Fetched(head: head, body: nil)
    }

    func get(_ url: String, _ headers: [[String]] = []) async throws(HostError) -> Fetched {
        try await send(["url": url, "headers": headers])
    }

    /// The error that a request ends in, in its head or its body.
    func failure(_ request: [String: any Sendable], _ body: HostValue? = nil) async -> HostError? {
        do throws(HostError) {
            _ = try await send(request, body).bytes()
            return nil
        } catch {
            return error
        }
    }

    func failure(_ url: String) async -> HostError? { await failure(["url": url]) }

    func used(_ quantity: Quantity) -> Int { scope.meter.used(quantity) }
}

/// A body that a test pushes, or that has so many bytes.
final class TestBody: ByteStream {
    private struct State {
        var left: Int
        var reads = 0
        var isCancelled = false
    }
    private let state: Mutex<State>
    private let failsAtEnd: Bool
    let cancelled: AsyncStream<Void>
    private let tellCancelled: AsyncStream<Void>.Continuation

    init(_ count: Int, failsAtEnd: Bool = false) {
        state = Mutex(State(left: count))
        self.failsAtEnd = failsAtEnd
        (cancelled, tellCancelled) = AsyncStream.makeStream()
    }

    var reads: Int { state.withLock { $0.reads } }
    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    func read(atMost count: Int, _ answer: @escaping @Sendable (Result<[UInt8]?, HostError>) -> Void) {
        let piece = state.withLock { state -> Int in
            state.reads += 1
            let piece = min(count, state.left)
            state.left -= piece
            return piece
        }
        if piece == 0, failsAtEnd { return answer(.failure(HostError(.cancelled, "the script stopped"))) }
        answer(.success(piece == 0 ? nil : [UInt8](repeating: 0x62, count: piece)))
    }

    func cancel() {
        state.withLock { $0.isCancelled = true }
        tellCancelled.finish()
    }
}

/// Runs a test with a server and a way out, and ends both.
func withServer(
    _ kind: TestServer.Kind = .plain, _ options: HTTPEgress.Options = testOptions(),
    _ respond: @escaping TestServer.Respond, _ test: (TestServer, HTTPEgress) async throws -> Void
) async throws {
    let server = try await TestServer(kind, respond)
    let egress = try HTTPEgress(options)
    do {
        try await test(server, egress)
    } catch {
        await egress.shutdown()
        await server.stop()
        throw error
    }
    await egress.shutdown()
    await server.stop()
}
