// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The admin API of a server, as the commands use it.
struct AdminClient: Sendable {
    let address: AdminAddress
    let token: ClientToken?

    /// The most bytes of an answer that is read whole.
    private static let mostBytes = 64 << 20

    /// A worker in a list.
    struct Worker: Sendable, Codable {
        var name: String
        var version: Int
        var created: Moment?
        var requests: Int?
        var errors: Int?
        var isolates: Int?
        var memoryBytes: Int?
        var cpuMicroseconds: Int?
        /// Why its version is not in service.
        var fault: String?
    }

    private struct Page: Decodable {
        let workers: [Worker]
        let next: String?
    }

    /// A version that went into service.
    struct Version: Sendable, Codable {
        var name: String
        var version: Int
        var url: String?
    }

    // MARK: - Requests

    /// All workers, page by page.
    func workers() async throws -> [Worker] {
        var workers: [Worker] = []
        var target = "/v1/workers"
        while true {
            let page: Page = try await ask(.init(target: target))
            workers += page.workers
            guard let next = page.next, !page.workers.isEmpty, workers.count < 1_000_000 else { return workers }
            target = "/v1/workers?after=\(Self.encoded(next))"
        }
    }

    /// Puts a deployment into service.
    func deploy(_ manifest: [UInt8], as name: String) async throws -> Version {
        // The server evaluates the modules before it answers.
        try await ask(
            .init(
                method: "PUT", target: "/v1/workers/\(Self.encoded(name))",
                headers: [("content-type", "application/json")], body: manifest), silence: .seconds(180))
    }

    /// Goes back to a version, or to the one before.
    func rollBack(_ name: String, to version: Int?) async throws -> Version {
        let body = version.map { #"{"version":\#($0)}"# } ?? "{}"
        return try await ask(
            .init(
                method: "POST", target: "/v1/workers/\(Self.encoded(name))/rollback",
                headers: [("content-type", "application/json")], body: Array(body.utf8)), silence: .seconds(180))
    }

    func delete(_ name: String) async throws {
        _ = try await answer(.init(method: "DELETE", target: "/v1/workers/\(Self.encoded(name))"))
    }

    /// Prometheus' text; nil where the server has none.
    func metrics() async throws -> String? {
        do {
            return String(decoding: try await answer(.init(target: "/metrics")), as: UTF8.self)
        } catch ClientError.refused(let refusal) where refusal.status == 404 {
            return nil
        }
    }

    /// Follows the events of a worker. Returns when the server ends them.
    func events(of name: String, _ take: @escaping @Sendable (ServerSentEvent) throws -> Void) async throws {
        let request = authorized(.init(target: "/v1/workers/\(Self.encoded(name))/logs"), accepts: "text/event-stream")
        // The server says something every now and then, if only a comment.
        try await AdminTransport(address: address, silence: .seconds(90)).exchange(request) { [self] head, body in
            guard head.status == 200 else {
                throw failure(head, try await body.collect(most: Self.mostBytes))
            }
            guard head.contentType.hasPrefix("text/event-stream") else { throw strange(head) }
            var parser = ServerSentEvents()
            while let piece = try await body.next() {
                for event in parser.read(piece) { try take(event) }
            }
        }
    }

    // MARK: - Means

    private func ask<Answer: Decodable & Sendable>(
        _ request: AdminTransport.Request, silence: Duration = .seconds(30)
    ) async throws -> Answer {
        let bytes = try await answer(request, silence: silence)
        do {
            return try JSONDecoder().decode(Answer.self, from: Data(bytes))
        } catch {
            throw ClientError.noRookery(address, "its answer to \(request.target) is not what was expected")
        }
    }

    private func answer(
        _ request: AdminTransport.Request, silence: Duration = .seconds(30)
    ) async throws -> [UInt8] {
        let request = authorized(request, accepts: "application/json")
        return try await AdminTransport(address: address, silence: silence).exchange(request) { [self] head, body in
            let bytes = try await body.collect(most: Self.mostBytes)
            guard (200..<300).contains(head.status) else { throw failure(head, bytes) }
            return bytes
        }
    }

    private func authorized(_ request: AdminTransport.Request, accepts type: String) -> AdminTransport.Request {
        var request = request
        request.headers.append(("accept", type))
        if let token { request.headers.append(("authorization", "Bearer \(token.value)")) }
        return request
    }

    private func failure(_ head: AdminTransport.Head, _ body: [UInt8]) -> ClientError {
        if head.status == 401 { return .wrongToken(address, token?.source) }
        guard var refusal = try? JSONDecoder().decode(AdminRefusal.self, from: Data(body)) else {
            return strange(head)
        }
        refusal.status = head.status
        return .refused(refusal)
    }

    private func strange(_ head: AdminTransport.Head) -> ClientError {
        let type = head.contentType.isEmpty ? "no content type" : head.contentType
        return .noRookery(address, "it answered with status \(head.status), \(TerminalText.line(type))")
    }

    /// As one segment of a path.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { output, byte in
            let isPlain =
                (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte)
            if isPlain {
                output.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                output += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

/// A time in an answer: milliseconds since 1970, or text.
enum Moment: Sendable, Codable, Hashable {
    case milliseconds(Double)
    case text(String)

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let number = try? value.decode(Double.self) {
            self = .milliseconds(number)
        } else {
            self = .text(try value.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .milliseconds(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }
}
