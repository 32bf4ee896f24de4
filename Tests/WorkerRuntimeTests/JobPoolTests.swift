// SPDX-License-Identifier: Apache-2.0
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

/// Long computations of programs: who pays for them, and when they end.
@Suite(.leavesNoIsolates, .timeLimit(.minutes(2))) struct JobPoolTests {
    /// Derives `count` times at once; `spin` is run after that.
    private static func storm(iterations: Int, count: Int, then spin: String = "") -> String {
        """
        const key = await crypto.subtle.importKey('raw', new Uint8Array(8), 'PBKDF2', false, ['deriveBits']);
        const parameters = { name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(8), iterations: \(iterations) };
        const all = [];
        for (let i = 0; i < \(count); i++) all.push(crypto.subtle.deriveBits(parameters, key, 512));
        \(spin)
        export default (await Promise.all(all)).length;
        """
    }

    private func run(_ source: String, on host: IsolateHost, limits: Limits) async throws -> RunRecord {
        let entry = try #require(ModuleURL(filePath: "/main.js"))
        var program = Program(entry: ModuleKey(url: entry, kind: .javaScript))
        program.limits = limits
        let thread = try IsolateThread()
        defer { thread.stop() }
        let loader = MemoryLoader(["/main.js": source])
        return try await withCheckedThrowingContinuation { [program] continuation in
            thread.loop.post {
                let run = ScriptRun(
                    program, on: thread, loader: loader, caches: nil, onLine: { _ in },
                    completion: { continuation.resume(returning: $0) })
                do {
                    _ = try run.start(host)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }

    /// The suite's time limit ends the wait.
    private func untilIdle(_ pool: JobPool) async throws {
        while pool.threads > 0 {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    @Test("The CPU time of long computations counts as the program's")
    func counted() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let record = try await run(Self.storm(iterations: 100_000, count: 4), on: host, limits: .standard)
        #expect(record.outcome == .ok, "\(record.shownException)")
        // 400,000 iterations take no less than this on any machine.
        #expect(record.usage.cpuMicroseconds > 40_000)
    }

    @Test(
        "The CPU limit ends computations that would take hours, also beside a script that computes",
        arguments: ["", "for (;;);"])
    func cpuLimit(_ spin: String) async throws {
        let host = IsolateHost(try TestEngine.shared())
        let limits = Limits(memory: 64 << 20, cpu: .milliseconds(200), wall: nil)
        let record = try await run(Self.storm(iterations: 1 << 31, count: 50, then: spin), on: host, limits: limits)
        #expect(record.outcome == .exceededCPU, "\(record.shownException)")
        try await untilIdle(host.jobs)
    }

    @Test("Computations end with their program", arguments: ["derive", "generate", "throw"])
    func endsWithProgram(_ way: String) async throws {
        let host = IsolateHost(try TestEngine.shared())
        let sources = [
            "derive": Self.storm(iterations: 1 << 31, count: 3),
            "generate": """
            const algorithm = {
              name: 'RSA-PSS', hash: 'SHA-1', modulusLength: 16384, publicExponent: new Uint8Array([1, 0, 1]) };
            await crypto.subtle.generateKey(algorithm, true, ['sign']);
            """,
            "throw": Self.storm(iterations: 1 << 31, count: 3, then: "throw new Error('mine')"),
        ]
        let limits = Limits(memory: 64 << 20, cpu: nil, wall: way == "throw" ? nil : .milliseconds(300))
        let record = try await run(try #require(sources[way]), on: host, limits: limits)
        #expect(record.outcome == (way == "throw" ? .exception : .exceededWallTime), "\(record.shownException)")
        try await untilIdle(host.jobs)
    }

    @Test("One program's computations do not keep another's waiting")
    func fair() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let limits = Limits(memory: 64 << 20, cpu: nil, wall: .seconds(60))
        async let busy = run(Self.storm(iterations: 2_000_000, count: 1), on: host, limits: limits)
        let quick = try await run(Self.storm(iterations: 10_000, count: 1), on: host, limits: limits)
        #expect(quick.outcome == .ok)
        #expect(try await busy.outcome == .ok)
    }

    @Test("What computations hold is part of the program's memory")
    func memory() async throws {
        let host = IsolateHost(try TestEngine.shared())
        let limits = Limits(memory: 64 << 20, cpu: .seconds(20), wall: nil)
        let source = """
            const data = new Uint8Array(8 << 20);
            const all = [];
            for (let i = 0; i < 100; i++) all.push(crypto.subtle.digest('SHA-512', data));
            export default await Promise.all(all);
            """
        let record = try await run(source, on: host, limits: limits)
        #expect(record.outcome == .exceededMemory, "\(record.shownException)")
        #expect(record.usage.memoryPeakBytes <= limits.memory)
        try await untilIdle(host.jobs)
    }
}
