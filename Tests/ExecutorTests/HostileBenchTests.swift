// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("rookery bench hostile", .serialized, .timeLimit(.minutes(3)))
struct HostileBenchTests {
    @Test("Hostile scripts in one process each have their outcome, and nobody else notices")
    func folder() async throws {
        let folder = try ScriptFolder([
            "bomb.js": "const a = []; for (;;) a.push([1, 2, 3, { x: 1 }]);",
            "flat.js": "const s = '中'.repeat(2 ** 29 - 24); /y/.test(s);",
            "harmless.mjs": "export default await Promise.resolve(1);",
            "loop.js": "for (;;);",
            "notes.txt": "not a script",
            "throws.mjs": "throw new Error('mine');",
            "unresponsive.js": "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();",
        ])
        let run = try await Program.run(["bench", "hostile", folder.path, "--json"], in: folder.path)
        run.expect(0)
        let report = try run.report()
        #expect(report["host_deaths"] == .number(0), "\(run)")
        #expect(report["healthy_failures"] == .number(0), "\(run)")
        #expect(report["scripts"] == .number(6), "\(run)")
        let outcomes = try #require(report["outcomes"])
        let expected = [
            "bomb.js": "exceededMemory", "flat.js": "exceededMemory", "harmless.mjs": "ok", "loop.js": "exceededCPU",
            "throws.mjs": "exception", "unresponsive.js": "exceededCPU",
        ]
        #expect(outcomes.keys == Set(expected.keys), "\(run)")
        for (name, outcome) in expected {
            // Where the script gets no core, the elapsed time ends first.
            let others = outcome.hasPrefix("exceeded") ? ["exceededWallTime"] : []
            let seen = outcomes[name]?.text ?? ""
            #expect(([outcome] + others).contains(seen), "\(name): \(run)")
        }
        let inMemory = outcomes.keys.filter { outcomes[$0]?.text == "exceededMemory" }.count
        #expect(try #require(report["counts"])["exceededMemory"] == .number(Double(inMemory)), "\(run)")
        #expect((report["parked"]?.double ?? 0) >= 2, "\(run)")
        #expect(report["fresh_answered"] == .number(1000), "\(run)")
        #expect((report["dispatch_p50_us_after"]?.double ?? 0) > 0, "\(run)")
    }

    @Test("Several at once, for some time and in random order, are survived too")
    func atOnce() async throws {
        let folder = try ScriptFolder([
            "loop.js": "for (;;);", "harmless.js": "1;",
            "unresponsive.js": "const a = []; a.length = 2 ** 32 - 1; a[0] = 1; a.reverse();",
        ])
        let run = try await Program.run(
            ["bench", "hostile", "--at-once", "3", "--for", "3", "--seed", "7", "--json", folder.path], in: folder.path)
        run.expect(0)
        let report = try run.report()
        #expect(report["host_deaths"] == .number(0), "\(run)")
        #expect(report["healthy_failures"] == .number(0), "\(run)")
        #expect((report["scripts"]?.double ?? 0) >= 3, "\(run)")
    }

    @Test("A folder without scripts, a missing one, none and a wrong number are wrong usage")
    func wrongUsage() async throws {
        let folder = try ScriptFolder(["notes.txt": ""])
        func bench(_ arguments: String...) async throws -> ProgramRun {
            try await Program.run(["bench", "hostile"] + arguments, in: folder.path)
        }
        try await bench(".").expect(2, output: "", errors: [".js or .mjs"])
        try await bench("absent").expect(2, output: "", errors: ["absent"])
        try await bench("notes.txt").expect(2, output: "", errors: ["notes.txt"])
        try await bench().expect(2, output: "")
        try await bench("--at-once", "0", ".").expect(2, output: "", errors: ["--at-once"])
        try await bench("--for", "x", ".").expect(2, output: "", errors: ["--for"])
    }
}
