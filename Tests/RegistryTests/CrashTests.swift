// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import SQLiteFiles
import Testing

@testable import Registry

@Suite("A registry whose process is killed") struct CrashTests {
    /// scripts/crash-registry asks for more.
    private static let asked = ProcessInfo.processInfo.environment["ROOKERY_CRASHES"].flatMap { Int($0) }

    @Test("What was acknowledged is there, and nothing is half done, however often the process is killed")
    func kill() async throws {
        let folder = try TestFolder()
        var states: [String: String] = [:]
        var changes = 0
        for _ in 0..<(Self.asked ?? 4) {
            var begun: [String: String] = [:]
            let lines = try await CrasherProgram.lines(in: folder, killedAfter: Int.random(in: 1...250))
            #expect(lines.first == "ready")
            for line in lines.dropFirst() {
                let words = line.split(separator: " ").map(String.init)
                try #require(words.count == 3)
                if words[0] == "begin" {
                    begun[words[1]] = words[2]
                } else {
                    #expect(begun.removeValue(forKey: words[1]) == words[2])
                    states[words[1]] = words[2]
                    changes += 1
                }
            }
            try await folder.withRegistry { registry in
                for worker in (0..<8).map({ "worker-\($0)" }) {
                    let state = try await state(of: worker, registry)
                    let acknowledged = states[worker] ?? "gone"
                    #expect(
                        state == acknowledged || state == begun[worker],
                        "\(worker): \(acknowledged) was acknowledged, \(begun[worker] ?? "nothing") was begun")
                    states[worker] = state
                }
                try await checkWhole(registry)
            }
        }
        if let asked = Self.asked { print("\(asked) crashes, \(changes) acknowledged changes") }
    }

    private func state(of worker: String, _ registry: WorkerRegistry) async throws -> String {
        let name = try WorkerName(worker)
        guard try await registry.list(limit: 100).workers.contains(where: { $0.name == name }) else { return "gone" }
        let version = try await registry.load(name)
        let word = version.manifest.modules["index.js"] ?? ""
        #expect(version.manifest.bindings["S"] == .secret(SecretValue(word)))
        let large = version.manifest.modules["large.js"] ?? "?"
        #expect(large == String(repeating: word, count: large.count / max(1, word.count)))
        #expect(version.manifest.modules.count == 3)
        return "\(version.summary.number):\(word)"
    }

    /// SQLite finds no fault, and after the collection nothing is left that nothing has.
    private func checkWhole(_ registry: WorkerRegistry) async throws {
        while try await registry.write(WorkerRegistry.collect) {}
        let (integrity, counts) = try await registry.read { db in
            (
                try db.rows("PRAGMA integrity_check") { row in try row.text(0) },
                try [
                    "SELECT count(*) FROM pragma_foreign_key_check",
                    "SELECT count(*) FROM versions WHERE worker IS NULL",
                    "SELECT count(*) FROM sources WHERE id NOT IN (SELECT source FROM modules)",
                    "SELECT count(*) FROM secrets WHERE version NOT IN (SELECT id FROM versions)",
                    "SELECT count(*) FROM workers WHERE NOT EXISTS "
                        + "(SELECT 1 FROM versions WHERE worker = workers.id AND number = service)",
                ].map { sql in try db.row(sql) { row in try row.integer(0) } }
            )
        }
        #expect(integrity == ["ok"])
        #expect(counts == [0, 0, 0, 0, 0])
    }
}
