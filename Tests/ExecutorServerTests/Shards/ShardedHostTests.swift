// SPDX-License-Identifier: Apache-2.0
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

@Suite("Workers in shards that do not come up", .timeLimit(.minutes(1)))
struct ShardedHostTests {
    private struct Nobody: WorkerObserver {
        func observe(_ line: WorkerLogLine) {}
        func observe(_ record: RequestRecord) {}
    }

    private func host(_ change: (inout ShardedHost.Options) -> Void) -> ShardedHost {
        var options = ShardedHost.Options(
            shards: 1, program: ChildProgram(path: "/bin/false", arguments: []), host: WorkerHost.Options(cores: 1))
        change(&options)
        let host = ShardedHost(options, observer: Nobody())
        host.install(
            WorkerDeployment(
                name: "a", version: 1, identity: "a", main: "a.js",
                modules: ["a.js": "export default { fetch: () => new Response() }"]))
        return host
    }

    @Test("A request is told that there is no shard for it, once it has waited as long as it may")
    func waits() async throws {
        let host = host { $0.mostWait = 50_000_000 }
        await #expect(throws: DispatchFailure.overloaded) {
            try await host.fetch(WorkerRequest("GET", "http://a.test/"), from: "a")
        }
        #expect(host.status.inFlight == 0)
        await host.stop(within: .zero)
    }

    @Test("A request for which there is no room to wait is told so at once")
    func full() async throws {
        let host = host { $0.mostWaiting = 0 }
        await #expect(throws: DispatchFailure.overloaded) {
            try await host.fetch(WorkerRequest("GET", "http://a.test/"), from: "a")
        }
        #expect(host.status.inFlight == 0)
        await host.stop(within: .zero)
    }

    @Test("A request that waits when the server ends is told so")
    func stopped() async throws {
        let host = host { $0.mostWait = 3_600_000_000_000 }
        let answer = Task { try await host.fetch(WorkerRequest("GET", "http://a.test/"), from: "a") }
        while host.status.inFlight == 0 { await Task.yield() }
        await host.stop(within: .zero)
        await #expect(throws: DispatchFailure.shuttingDown) { try await answer.value }
    }
}
