// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

/// Runs scripts that were granted bindings.
struct BindingHost {
    var bindings: [HostBinding] = []
    var limits = HostLimits.standard

    init() {}

    init<C: Capability>(_ capability: C, as name: String, grant: C.Grant) throws {
        try add(capability, as: name, grant: grant)
    }

    mutating func add<C: Capability>(_ capability: C, as name: String, grant: C.Grant) throws {
        bindings.append(try HostTable([capability]).bind(C.self, as: name, grant: grant))
    }

    /// The JSON of what the body of an async function returns. There are `env`, `files`, and `show(work)`: what that
    /// returns, or its error as text.
    func value(_ body: String) async throws -> String {
        let record = try await run(
            """
            const show = async (work) => {
              try { return await work() } catch (error) { return `${error.name} ${error.code ?? '-'}: ${error.message}` }
            };
            import env from 'rookery:env';
            import files from 'rookery:files';
            export default await (async () => { \(body) })();
            """)
        #expect(record.outcome == .ok, "\(record.exception?.message ?? "")\n\(record.exception?.stack ?? "")")
        return String(decoding: record.value?.jsonText ?? [], as: UTF8.self).replacing("\\/", with: "/")
    }

    private func run(_ source: String) async throws -> RunRecord {
        let host = IsolateHost(try TestEngine.shared())
        let entry = try #require(ModuleURL(filePath: "/main.js"))
        var program = Program(entry: ModuleKey(url: entry, kind: .javaScript))
        program.bindings = bindings
        program.hostLimits = limits
        program.limits.wall = .seconds(20)
        let thread = try IsolateThread()
        defer { thread.stop() }
        let loader = MemoryLoader(["/main.js": source])
        return try await withCheckedThrowingContinuation { [program] continuation in
            thread.loop.post {
                let run = ScriptRun(
                    program, on: thread, loader: loader, caches: nil, onLine: { print($0.message) },
                    completion: { continuation.resume(returning: $0) })
                do {
                    _ = try run.start(host)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
