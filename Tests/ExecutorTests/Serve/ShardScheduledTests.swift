// SPDX-License-Identifier: Apache-2.0
import ExecutorServer
import Support
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("A scheduled run in a shard is like one in the server", .leavesNoIsolates, .timeLimit(.minutes(5)))
struct ShardScheduledTests {
    /// Keeps what it hears of dispatches.
    private final class Notes: WorkerObserver {
        private let texts = Mutex<[String]>([])

        var sorted: [String] { texts.withLock { $0.sorted() } }

        func observe(_ line: WorkerLogLine) {
            texts.withLock { $0.append("\(line.worker) \(line.level) \(line.message)") }
        }

        func observe(_ record: RequestRecord) {
            let known = [record.worker, record.kind.rawValue, record.method, record.url, record.outcome.rawValue]
            texts.withLock { $0.append("\(known) \(record.status) \(record.error ?? "-") \(record.stack ?? "-")") }
        }
    }

    private static let workers = [
        "done": "console.log(event.cron, event.scheduledTime);",
        "throws": "throw new TypeError(event.cron);",
        "waits": "ctx.waitUntil(new Promise((done) => setTimeout(done, 5)).then(() => console.log('waited')));",
        "rejects": "ctx.waitUntil(Promise.reject(new Error('later')));",
        "never": "await new Promise(() => {});",
        "spins": "for (;;);",
    ]

    /// How runs of all end, and what is heard of them.
    private func run(on host: some DeploymentHost, _ notes: Notes) async -> [String] {
        var ends: [String] = []
        var modules = Self.workers.mapValues { "export default { async scheduled(event, env, ctx) { \($0) } };" }
        modules["fetches"] = "export default { fetch() {} };"
        modules["broken"] = "throw new RangeError('at start');"
        for (name, module) in modules.sorted(by: { $0.key < $1.key }) {
            host.install(
                WorkerDeployment(name: name, version: 1, identity: name, main: "a.js", modules: ["a.js": module]))
        }
        for name in modules.keys.sorted() + ["nobody"] {
            do throws(DispatchFailure) {
                ends.append("\(name) \(try await host.runScheduled(name, cron: "0 1 * * *", scheduledTime: 1000))")
            } catch {
                ends.append("\(name) \(error)")
            }
        }
        _ = await host.drain(within: .seconds(30))
        await host.stop(within: .seconds(5))
        return ends + notes.sorted
    }

    @Test("Outcomes, lines and records are the same")
    func parity() async throws {
        let notes = (Notes(), Notes())
        var options = WorkerHost.Options(cores: 1)
        options.blankIsolates = 0
        let host = try WorkerHost(IsolateHost(TestEngine.shared()), options: options, observer: notes.0)
        let program = ChildProgram(path: try #require(Program.path), arguments: ["shard"])
        var shards = ShardedHost.Options(shards: 1, program: program, host: options)
        shards.silenceMilliseconds = 60_000
        let inside = await run(on: host, notes.0)
        let sharded = await run(on: ShardedHost(shards, observer: notes.1), notes.1)
        #expect(inside.contains("done ok") && inside.contains("throws exception"), "\(inside)")
        #expect(inside.contains("spins exceededCPU") && inside.contains("nobody unknownWorker"), "\(inside)")
        #expect(inside.contains("done log 0 1 * * * 1000") && inside.contains("waits log waited"), "\(inside)")
        #expect(inside == sharded)
    }
}
