// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import FoundationEssentials
import Registry
import Synchronization

@testable import WorkerRuntime

/// What a server that closes afterwards answered.
struct Answer {
    let status: Int
    let headers: [String: String]
    let body: String

    init(_ text: String) {
        let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        let lines = (parts.first ?? "").split(separator: "\r\n")
        status = lines.first.flatMap { Int($0.split(separator: " ")[1]) } ?? 0
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let field = line.split(separator: ":", maxSplits: 1)
            headers[field[0].lowercased()] = field.count > 1 ? field[1].drop { $0 == " " }.description : ""
        }
        self.headers = headers
        body = parts.count > 1 ? String(parts[1]) : ""
    }

    /// The body as a Swift value.
    func decode<T: Decodable>(_ type: T.Type) throws -> T { try JSONDecoder().decode(T.self, from: Data(body.utf8)) }

    /// The word for programs, where the body is an error.
    var code: String? { try? decode(ErrorBody.self).error.code }
}

/// The body of an error.
struct ErrorBody: Decodable {
    struct Problem: Decodable {
        let message: String
        let file: String?
        let line: Int?
        let column: Int?
        let stack: String?
    }
    struct Content: Decodable {
        let code: String
        let message: String
        let path: String?
        let problems: [Problem]?
    }
    let error: Content
}

/// Asks an admin API.
struct AdminTestClient: Sendable {
    static let token = "0123456789abcdef-token"
    let target: RawClient.Target

    func request(
        _ method: String, _ path: String, _ body: String? = nil, token: String? = Self.token, headers: [String] = []
    ) async throws -> Answer {
        let client = try await open(method, path, body, token: token, headers: headers + ["Connection: close"])
        return Answer(await client.untilEnd())
    }

    /// A request whose answer comes bit by bit.
    func open(
        _ method: String, _ path: String, _ body: String? = nil, token: String? = Self.token, headers: [String] = []
    ) async throws -> RawClient {
        let client = try await RawClient.connect(target)
        var text = "\(method) \(path) HTTP/1.1\r\nHost: admin\r\n"
        if let token { text += "Authorization: Bearer \(token)\r\n" }
        for header in headers { text += header + "\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        try await client.send(text + "\r\n" + (body ?? ""))
        return client
    }
}

/// A host of workers that only notes what it is told.
final class NotingHost: WorkerHosting {
    private struct State {
        var versions: [WorkerName: Int] = [:]
        var check: @Sendable (WorkerManifest, WorkerName) async -> [DeploymentProblem] = { _, _ in [] }
    }
    private let state = Mutex(State())

    func install(_ version: WorkerVersion) async {
        state.withLock { $0.versions[version.worker] = version.summary.number }
    }

    func remove(_ name: WorkerName) async { state.withLock { $0.versions[name] = nil } }

    func check(_ manifest: WorkerManifest, as name: WorkerName) async -> [DeploymentProblem] {
        await state.withLock { $0.check }(manifest, name)
    }

    func setCheck(_ check: @escaping @Sendable (WorkerManifest, WorkerName) async -> [DeploymentProblem]) {
        state.withLock { $0.check = check }
    }

    func status(of name: WorkerName) -> WorkerStatus? {
        state.withLock { $0.versions[name] }.map { version in
            WorkerStatus(
                version: version, isolates: 1, inFlight: 0, queued: 0, heldBytes: 2 << 20, cpuMicroseconds: 900,
                requests: 7, errors: 1)
        }
    }

    func fault(of name: WorkerName) -> String? { nil }

    var status: HostStatus {
        var status = HostStatus(workers: state.withLock { $0.versions.count })
        status.isolates = 3
        return status
    }

    func version(of name: String) throws -> Int? {
        let name = try WorkerName(name)
        return state.withLock { $0.versions[name] }
    }
}

/// An admin API with a registry of its own, served for one test.
struct AdminServer: Sendable {
    let api: AdminAPI
    let client: AdminTestClient
    let host: NotingHost
    let registry: WorkerRegistry
    let logs: WorkerLogs
    let metrics: RequestMetrics
    let runs: RunService?

    static func serve(
        options: AdminOptions = AdminOptions(), registry registryOptions: WorkerRegistry.Options = .init(),
        logs logOptions: WorkerLogs.Options = .init(), runs: RunService? = nil,
        hosting: ((any WorkerObserver) throws -> any WorkerHosting)? = nil,
        _ body: (AdminServer) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "rookery-admin-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: path) }
        let folder = try DataFolder(path.path(percentEncoded: false))
        defer { folder.close() }
        let registry = try WorkerRegistry(folder, options: registryOptions)
        defer { try? registry.close() }
        let host = NotingHost()
        let (logs, metrics) = (WorkerLogs(options: logOptions), RequestMetrics())
        let token = try AdminToken(environment: AdminTestClient.token, in: folder)
        let api = AdminAPI(
            AdminAPI.Services(
                registry: registry, host: try hosting?(ExecutorObserver(metrics: metrics, logs: logs)) ?? host,
                token: token, logs: logs, metrics: metrics, runs: runs),
            options: options)
        api.readiness = .ready
        try await serving(api) { _, target in
            try await body(
                AdminServer(
                    api: api, client: AdminTestClient(target: target), host: host, registry: registry, logs: logs,
                    metrics: metrics, runs: runs))
        }
    }
}

/// The manifest of a worker with one module.
func manifest(_ source: String = "export default {}", more: String = "") -> String {
    #"{"main":"index.js","modules":{"index.js":"\#(source)"}\#(more)}"#
}
