// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import HostAPI
internal import Isolates
internal import WorkerRuntime
internal import WorkerTypes

/// What a call of a script to a capability costs.
struct CallsBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calls", abstract: "Calls of a script to what it was granted.",
        discussion: """
            trampoline_us: a call that ends in the shim (performance.now()).
            sync_us: an operation that answers at once.
            await_us: await of a value that is there.
            async_us: await of an operation that answers from its own call.
            hop_us: await of an operation that answers from another thread.
            kv_get_us: await of a value of the store in memory.
            The least of several rounds, one call after the other.
            """)
    @OptionGroup var options: BenchOptions

    func run() throws {
        let count = try options.count(default: 20_000)
        let setting = try BenchSetting()
        let record = try Self.record(setting, count: count)
        guard record.outcome == .ok, case .json(let text)? = record.value,
            let times = try? JSONDecoder().decode([String: Double].self, from: Data(text))
        else { throw CommandEnded(.ourFault, record.exception?.message ?? "the script did not end") }
        var report = BenchReport()
        report.add("n", count)
        for name in ["trampoline_us", "sync_us", "await_us", "async_us", "hop_us", "kv_get_us"] {
            report.add(name, times[name] ?? 0)
        }
        report.print(asJSON: options.json)
    }

    private static func record(_ setting: BenchSetting, count: Int) throws -> RunRecord {
        guard let url = ModuleURL(filePath: "/bench/calls.js") else { throw CommandEnded(.ourFault, "no URL") }
        let folders = try ModuleFolders([])
        let loader = FileModuleLoader(
            folders: folders, compiler: TypeScriptCompiler(folders: folders, store: nil),
            given: [url: Array(script(count).utf8)])
        var program = Program(entry: ModuleKey(url: url, kind: .javaScript))
        program.limits = setting.limits
        let table = try HostTable([Answers(), KeyValue(MemoryKeyValueStore())])
        program.bindings = [
            try table.bind(Answers.self, as: "ANSWERS", grant: WholeGrant()),
            try table.bind(KeyValue.self, as: "KV", grant: .namespace("bench")),
        ]
        let thread = try IsolateThread()
        defer { thread.stop() }
        let finished = Gate<Result<RunRecord, any Error>>()
        thread.loop.post { [program] in
            let run = ScriptRun(
                program, on: thread, loader: loader, caches: nil, onLine: { _ in },
                completion: { finished.open(.success($0)) })
            do {
                _ = try run.start(setting.host)
            } catch {
                finished.open(.failure(error))
            }
        }
        return try finished.wait().get()
    }

    private static func script(_ count: Int) -> String {
        """
        const { ANSWERS, KV } = (await import('rookery:env')).default;
        await KV.put('key', 'value');
        const rounds = 7, count = \(count);
        const least = async (work) => {
          let best = Infinity;
          for (let round = 0; round < rounds; round++) {
            const start = performance.now();
            await work();
            best = Math.min(best, performance.now() - start);
          }
          return Math.round(best * 1e6 / count) / 1e3;
        };
        export default {
          trampoline_us: await least(() => { for (let i = 0; i < count; i++) performance.now(); }),
          sync_us: await least(() => { for (let i = 0; i < count; i++) ANSWERS.now(); }),
          await_us: await least(async () => { for (let i = 0; i < count; i++) await i; }),
          async_us: await least(async () => { for (let i = 0; i < count; i++) await ANSWERS.later(); }),
          hop_us: await least(async () => { for (let i = 0; i < count; i++) await ANSWERS.elsewhere(); }),
          kv_get_us: await least(async () => { for (let i = 0; i < count; i++) await KV.get('key'); }),
        };
        """
    }
}

/// Operations that do nothing.
private struct Answers: Capability {
    typealias Grant = WholeGrant
    static let name = "answers"
    private let queue = WorkQueue()

    var operations: [Operation] {
        [
            Operation(sync: "now") { (_: HostArguments, _) throws(HostError) in .number(1) },
            Operation(later: "later") { _, _, answer in answer(.success(.number(1))) },
            Operation(later: "elsewhere") { [queue] _, _, answer in queue.run { answer(.success(.number(1))) } },
        ]
    }
}

/// Another thread.
private final class WorkQueue: Sendable {
    private let thread = try? IsolateThread()

    func run(_ work: @escaping @Sendable () -> Void) {
        if let thread { thread.loop.post(work) } else { work() }
    }

    deinit { thread?.stop() }
}
