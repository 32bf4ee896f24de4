// SPDX-License-Identifier: Apache-2.0
import Testing

@Suite("rookery bench parts", .timeLimit(.minutes(1)))
struct PartsBenchTests {
    @Test("Each part that loads late has its times and its memory")
    func report() async throws {
        let folder = try ScriptFolder()
        let run = try await Program.run(["bench", "parts", "--rounds", "1", "--json"], in: folder.path)
        run.expect(0)
        let report = try run.report()
        #expect(report.keys.isSuperset(of: ["url", "streams"]))
        for part in report.keys {
            #expect(report[part]?.keys == ["first_us", "p50_us", "heap_kib"], "\(part)")
            #expect((report[part]?["heap_kib"]?.double ?? 0) > 0, "\(part)")
        }
    }
}
