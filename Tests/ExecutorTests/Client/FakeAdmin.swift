// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import FoundationEssentials
import Synchronization
import Testing

/// An admin API that a test plays, and what it was asked.
final class FakeAdmin: RequestHandler {
    struct Asked: Sendable {
        let method: String
        let target: String
        let authorization: String?
        let body: [UInt8]

        var line: String { "\(method) \(target)" }
        func json() throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(body)) }
    }

    private let answer: @Sendable (Asked, Exchange) -> Void
    private let all = Mutex<[Asked]>([])

    init(_ answer: @escaping @Sendable (Asked, Exchange) -> Void) { self.answer = answer }

    var asked: [Asked] { all.withLock { $0 } }

    func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        switch request.body {
        case .none: take(request, [], exchange)
        case .collected(let bytes): take(request, bytes, exchange)
        case .stream(let stream, _): read(stream, [], request, exchange)
        }
        return nil
    }

    private func read(_ stream: RequestBodyStream, _ bytes: [UInt8], _ request: ServerRequest, _ exchange: Exchange) {
        stream.read(atMost: 1 << 20) { result in
            switch result {
            case .success(let piece?): self.read(stream, bytes + piece, request, exchange)
            case .success(nil): self.take(request, bytes, exchange)
            case .failure: exchange.abort()
            }
        }
    }

    private func take(_ request: ServerRequest, _ body: [UInt8], _ exchange: Exchange) {
        let asked = Asked(
            method: request.head.method, target: request.head.target,
            authorization: request.head.firstHeader("authorization"), body: body)
        all.withLock { $0.append(asked) }
        answer(asked, exchange)
    }
}

extension Exchange {
    /// Answers with JSON.
    func json(_ status: Int, _ text: String) {
        respond(.init(status: status, headers: ["content-type": "application/json"]), body: Array(text.utf8))
    }

    /// Answers with an error of the admin API.
    func refuse(_ status: Int, _ code: String, _ message: String, problems: String = "[]") {
        json(status, #"{"error":{"code":"\#(code)","message":"\#(message)","problems":\#(problems)}}"#)
    }

    /// Begins server-sent events.
    func events(_ text: String, then: @escaping @Sendable () -> Void = {}) {
        start(.init(status: 200, headers: ["content-type": "text/event-stream"]))
        write(Array(text.utf8)) { _ in then() }
    }
}

/// Plays an admin API for the length of a test. `url` is for `--admin`.
func withAdmin(
    at address: FrontAddress = .tcp(host: "127.0.0.1", port: 0), _ admin: FakeAdmin,
    _ body: (_ url: String, _ admin: FakeAdmin) async throws -> Void
) async throws {
    let front = try await HTTPFront.start(FrontOptions(listeners: [.init(address)], loops: 1), admin)
    do {
        try await body(front.addresses[0].description, admin)
        await front.drain(within: .zero)
    } catch {
        await front.drain(within: .zero)
        throw error
    }
}

extension ScriptFolder {
    /// `rookery` with these arguments, in this folder, without a token or an address from outside.
    func rookery(_ arguments: String..., variables: String = "") async throws -> ProgramRun {
        let words = arguments.map {
            "'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
        }
        return try await shell(
            "unset ROOKERY_ADMIN ROOKERY_ADMIN_TOKEN; \(variables) \"$1\" \(words.joined(separator: " ")) < /dev/null")
    }
}
