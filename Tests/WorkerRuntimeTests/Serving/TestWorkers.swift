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

    var lines: [WorkerLogLine] { kept.withLock { $0.lines } }
    var records: [RequestRecord] { kept.withLock { $0.records } }

    func observe(_ line: WorkerLogLine) { kept.withLock { $0.lines.append(line) } }

    func observe(_ record: RequestRecord) {
        let count = kept.withLock { kept in
            kept.records.append(record)
            return kept.records.count
        }
        let ready = waiting.withLock { waiting in
            defer { waiting.removeAll { $0.count <= count } }
            return waiting.filter { $0.count <= count }
        }
        for waiter in ready { waiter.answer.resume() }
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

    init(mostIsolates: Int = 100, mostQueued: Int = 1000) throws {
        var options = WorkerHost.Options(cores: 2)
        options.mostIsolates = mostIsolates
        options.mostQueued = mostQueued
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

/// Runs a test with a host, and ends the host.
func withWorkers(
    mostIsolates: Int = 100, mostQueued: Int = 1000, _ body: (TestWorkers) async throws -> Void
) async throws {
    let workers = try TestWorkers(mostIsolates: mostIsolates, mostQueued: mostQueued)
    do {
        try await body(workers)
    } catch {
        await workers.host.stop()
        throw error
    }
    await workers.host.stop()
}
