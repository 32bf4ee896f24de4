// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("rookery bench kv", .timeLimit(.minutes(2)))
struct KeyValueBenchTests {
    @Test("Reads, durable writes and waits for the disk each have their figures, and nothing is left behind")
    func report() async throws {
        let folder = try ScriptFolder()
        let run = try await Program.run(
            ["bench", "kv", "--reads", "100", "--writes", "50", "--in-flight", "4", "--in", ".", "--json"],
            in: folder.path)
        run.expect(0)
        let report = try run.report()
        #expect(report["in_flight"] == .number(4))
        for name in ["read", "capability_read", "write", "capability_write"] {
            for key in ["\(name)s_per_s", "\(name)_p50_us", "\(name)_p99_us"] {
                #expect((report[key]?.double ?? 0) > 0, "\(key): \(run)")
            }
        }
        #expect((report["sync_p50_us"]?.double ?? 0) > 0, "\(run)")
        try await Program.shell("ls -A", in: folder.path).expect(0, output: "")
    }

    @Test("A folder that is not there, and numbers that are none, are wrong usage")
    func wrongUsage() async throws {
        let folder = try ScriptFolder()
        for arguments in [["--in", "absent"], ["--reads", "0"], ["--writes", "x"], ["--in-flight", "-1"]] {
            let run = try await Program.run(["bench", "kv"] + arguments, in: folder.path)
            run.expect(2, output: "")
        }
    }
}
