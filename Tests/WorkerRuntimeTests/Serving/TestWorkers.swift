// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Isolates
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

/// Keeps what workers are observed to do.
final class KeptObservations: WorkerObserver {
    private let kept = Mutex<(lines: [WorkerLogLine], records: [RequestRecord])>(([], []))
    private let waiting = Mutex<[(count: Int, answer: CheckedContinuation<Void, Never>)]>([])
    private let waitingForLines = Mutex<[(count: Int, answer: CheckedContinuation<Void, Never>)]>([])

    var lines: [WorkerLogLine] { kept.withLock { $0.lines } }
    var records: [RequestRecord] { kept.withLock { $0.records } }

    func observe(_ line: WorkerLogLine) {
        let count = kept.withLock { kept in
            kept.lines.append(line)
            return kept.lines.count
        }
        Self.tell(waitingForLines, count)
    }

    private static func tell(
        _ waiting: borrowing Mutex<[(count: Int, answer: CheckedContinuation<Void, Never>)]>, _ count: Int
    ) {
        let ready = waiting.withLock { waiting in
            defer { waiting.removeAll { $0.count <= count } }
            return waiting.filter { $0.count <= count }
        }
        for waiter in ready { waiter.answer.resume() }
    }

    /// Waits until there are so many lines.
    func lines(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = waitingForLines.withLock { waiting in
                if lines.count >= count { return true }
                waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func observe(_ record: RequestRecord) {
        let count = kept.withLock { kept in
            kept.records.append(record)
            return kept.records.count
        }
        Self.tell(waiting, count)
    }

    /// The records, once there are so many.
    func records(_ count: Int) async -> [RequestRecord] {
        await withCheckedContinuation { continuation in
            let isThere = waiting.withLock { waiting in
                if records.count >= count { return true }
                waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
        return records
    }
}

/// A host with workers whose modules are in memory.
struct TestWorkers {
    let host: WorkerHost
    let seen = KeptObservations()

    init(mostIsolates: Int, mostQueued: Int, roomTime: Duration) throws {
        var options = WorkerHost.Options(cores: 2)
        options.mostIsolates = mostIsolates
        options.mostQueued = mostQueued
        options.roomTime = roomTime
        host = try WorkerHost(IsolateHost(TestEngine.shared()), options: options, observer: seen)
    }

    /// A version whose entry is this source.
    static func deployment(
        _ name: String, _ source: String, version: Int = 1, _ change: (inout WorkerDeployment) -> Void = { _ in }
    ) throws -> WorkerDeployment {
        let main = try #require(ModuleURL(filePath: "/\(name).js"))
        var deployment = WorkerDeployment(
            name: name, version: version, identity: "\(name) \(version)",
            main: ModuleKey(url: main, kind: .javaScript), loader: MemoryLoader(["/\(name).js": source]))
        change(&deployment)
        return deployment
    }

    func install(
        _ name: String, _ source: String, version: Int = 1, _ change: (inout WorkerDeployment) -> Void = { _ in }
    ) throws {
        host.install(try Self.deployment(name, source, version: version, change))
    }

    /// The answer's body as text, to a request of a trace.
    func ask(_ name: String, _ path: String = "/", trace: TraceContext) async throws(DispatchFailure) -> String {
        try await ask(name, path) { $0.trace = trace }
    }

    /// The answer's body as text, to a request of its client's own.
    func ask(
        _ name: String, _ path: String = "/", _ change: (inout DispatchRequest) -> Void
    ) async throws(DispatchFailure) -> String {
        let answer = await withCheckedContinuation { continuation in
            var request = DispatchRequest(
                id: 7, head: Array("GET\nhttp://\(name).test\(path)\n".utf8),
                responder: KeptAnswer { continuation.resume(returning: $0) })
            change(&request)
            host.dispatch(request, to: name)
        }
        return String(decoding: try answer.get(), as: UTF8.self)
    }

    /// The answer's body as text.
    func ask(
        _ name: String, _ path: String = "/", method: String = "GET", body: String? = nil
    ) async throws(DispatchFailure) -> String {
        let request = WorkerRequest(
            method, "http://\(name).test\(path)", headers: [HeaderField("X-Test", "yes")],
            body: body.map { Array($0.utf8) })
        return String(decoding: try await host.fetch(request, from: name).body, as: UTF8.self)
    }
}

/// Keeps an answer that comes whole.
final class KeptAnswer: DispatchResponder {
    private let answer: @Sendable (Result<[UInt8], DispatchFailure>) -> Void

    init(_ answer: @escaping @Sendable (Result<[UInt8], DispatchFailure>) -> Void) { self.answer = answer }

    func respond(_ answer: DispatchAnswer) { self.answer(.success(answer.body)) }
    func fail(_ failure: DispatchFailure) { answer(.failure(failure)) }
    func abort() {}

    func start(_ answer: DispatchAnswer) -> any ByteSink {
        self.answer(.failure(.ended(.internalError)))
        return Nowhere()
    }

    private final class Nowhere: ByteSink {
        func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) {
            answer(.failure(HostError(.unavailable, "nobody reads this")))
        }
        func finish(_ answer: @escaping @Sendable (Result<Void, HostError>) -> Void) { answer(.success(())) }
        func cancel() {}
    }
}

/// Runs a test with a host, and ends the host.
func withWorkers(
    mostIsolates: Int = 100, mostQueued: Int = 1000, roomTime: Duration = .seconds(5),
    _ body: (TestWorkers) async throws -> Void
) async throws {
    let workers = try TestWorkers(mostIsolates: mostIsolates, mostQueued: mostQueued, roomTime: roomTime)
    do {
        try await body(workers)
    } catch {
        await workers.host.stop()
        throw error
    }
    await workers.host.stop()
}
