// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import HostAPI
import KeyValueDatabase
import Testing

/// Files that are not as they should be.
@Suite("Faults of the file", .timeLimit(.minutes(2)))
struct FaultTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func openingFails() -> DatabaseStoreError? {
        do throws(DatabaseStoreError) {
            _ = try scratch.open()
            return nil
        } catch {
            return error
        }
    }

    @Test("A file of a later version is left as it is")
    func newer() async throws {
        await (try scratch.open()).close()
        try DatabaseQueue(path: scratch.path).inDatabase { try $0.execute(sql: "PRAGMA user_version = 99") }
        let before = try Data(contentsOf: URL(filePath: scratch.path))
        let error = try #require(openingFails())
        #expect(error.kind == .newer)
        #expect(error.description.contains("99") && error.description.contains(scratch.path))
        #expect(try Data(contentsOf: URL(filePath: scratch.path)) == before)
    }

    @Test(
        "The database of another program is left as it is",
        arguments: ["CREATE TABLE t (x)", "PRAGMA user_version = 3"])
    func foreign(_ sql: String) async throws {
        try DatabaseQueue(path: scratch.path).inDatabase { try $0.execute(sql: sql) }
        let before = try Data(contentsOf: URL(filePath: scratch.path))
        #expect(openingFails()?.kind == .foreign)
        #expect(try Data(contentsOf: URL(filePath: scratch.path)) == before)
    }

    @Test("What is no database is an error, and left as it is")
    func noDatabase() throws {
        let text = Data(String(repeating: "not a database\n", count: 1000).utf8)
        try text.write(to: URL(filePath: scratch.path))
        #expect(openingFails()?.kind == .corrupt)
        #expect(try Data(contentsOf: URL(filePath: scratch.path)) == text)
    }

    @Test("A folder that is not there, and a folder in the place of the file, are errors")
    func unreachable() throws {
        #expect(throws: DatabaseStoreError.self) { try DatabaseKeyValueStore(path: scratch.folder + "/absent/a.db") }
        try FileManager.default.createDirectory(atPath: scratch.path, withIntermediateDirectories: false)
        #expect(openingFails()?.kind == .unreachable)
    }

    @Test("A damaged file fails calls, is told to the operator, and is found by the verification")
    func corrupt() async throws {
        let store = try scratch.open()
        for number in 0..<2000 { try await store.set(.text("value \(number)"), for: "k\(number)", in: "n") }
        await store.close()
        var bytes = try Data(contentsOf: URL(filePath: scratch.path))
        // All but the page of the header and the schema.
        for place in 4096..<bytes.count { bytes[place] = 0xa5 }
        try bytes.write(to: URL(filePath: scratch.path))
        let damaged = try scratch.open()
        await #expect(throws: HostError.self) { try await damaged.get("k1", in: "n") }
        await #expect(throws: HostError.self) { try await damaged.list(in: "n") }
        #expect(await damaged.failure(setting: .text("x"), for: "k1") == .failed)
        #expect(scratch.faults.kinds == [.corrupt])
        #expect(try await damaged.verify() != [])
    }

    @Test("A file cut short is found out, and never ends the process", arguments: [100, 512, 4096, 9000, 20_000])
    func cut(_ size: Int) async throws {
        let store = try scratch.open()
        for number in 0..<500 { try await store.set(.text("value \(number)"), for: "k\(number)", in: "n") }
        await store.close()
        try Data(contentsOf: URL(filePath: scratch.path)).prefix(size).write(to: URL(filePath: scratch.path))
        do {
            let damaged = try scratch.open()
            await #expect(throws: HostError.self) { try await damaged.list(in: "n") }
            _ = await damaged.failure(setting: .text("x"), for: "new")
            #expect(scratch.faults.kinds == [.corrupt])
        } catch {
            #expect(error.kind == .corrupt)
        }
    }

    @Test("Without room, a change fails and the others go on; what was there stays")
    func full() async throws {
        let store = try scratch.open { $0.mostFileBytes = 1 << 20 }
        try await store.set(.text("small"), for: "small", in: "n")
        let large = KeyValueEntry.Value([UInt8](repeating: 1, count: 2 << 20))
        // In one group with others.
        let failures = await withTaskGroup(of: (Int, HostError.Code?).self) { group in
            for number in 0..<60 {
                group.addTask {
                    (number, await store.failure(setting: number % 10 == 0 ? large : .text("x"), for: "k\(number)"))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for number in 0..<60 { #expect(failures[number] == (number % 10 == 0 ? .unavailable : nil)) }
        #expect(scratch.faults.kinds == [.full])
        #expect(try await store.text("small") == "small")
        #expect(try await store.text("k1") == "x")
        #expect(try await store.get("k10", in: "n") == nil)
        #expect(try await store.verify() == [])
        // Deleting makes room.
        var keys = 0
        while await store.failure(setting: .init([UInt8](repeating: 2, count: 50_000)), for: "fill\(keys)") == nil {
            keys += 1
        }
        #expect(keys > 5)
        try await store.delete("fill0", in: "n")
        #expect(await store.failure(setting: .init([UInt8](repeating: 2, count: 40_000)), for: "again") == nil)
    }

    @Test("A file that another process holds is busy, and nothing is lost")
    func locked() async throws {
        let store = try scratch.open()
        try await store.set(.text("before"), for: "k", in: "n")
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: scratch.path, configuration: configuration)
        try await hold(other, "BEGIN IMMEDIATE")
        #expect(await store.failure(setting: .text("x"), for: "k") == .unavailable)
        #expect(try await store.text("k") == "before")
        try await hold(other, "ROLLBACK")
        #expect(await store.failure(setting: .text("after"), for: "k") == nil)
        await store.close()
        #expect(scratch.faults.kinds == [.locked])

        try await hold(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT; BEGIN EXCLUSIVE")
        #expect(openingFails()?.kind == .locked)
    }

    private func hold(_ queue: DatabaseQueue, _ sql: String) async throws {
        try await queue.writeWithoutTransaction { db in try db.execute(sql: sql) }
    }

    @Test("Two stores of one file see each other's changes, and count together")
    func two() async throws {
        let first = try scratch.open { $0.lockTimeout = .seconds(10) }
        let second = try scratch.open { $0.lockTimeout = .seconds(10) }
        await withTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let store = number % 2 == 0 ? first : second
                    _ = try? await store.set(.text("x"), for: "k\(number)", in: "n", quota: KeyValueQuota(keys: 150))
                }
            }
        }
        #expect(try await first.list(in: "n").keys.count == 150)
        #expect(try await second.list(in: "n").keys.count == 150)
        #expect(try await first.verify() == [])
        #expect(scratch.faults.kinds == [])
    }
}
