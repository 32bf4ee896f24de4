// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import HostAPI
import Synchronization
import Testing

@testable import KeyValueDatabase

/// What holds of the store in a file.
@Suite("The store in a file", .timeLimit(.minutes(2)))
struct DatabaseStoreTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test("Everything is there when the file is opened again, and only its owner may read it")
    func reopening() async throws {
        let store = try scratch.open()
        let version = try await store.set(.text("one"), for: "a", in: "n")
        try await store.set(.text("two"), for: "b", in: "n")
        try await store.delete("b", in: "n")
        let quota = KeyValueQuota(bytes: 4)
        await store.close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.folder) == ["values.db"])
        #expect(
            try FileManager.default.attributesOfItem(atPath: scratch.path)[.posixPermissions] as? Int == 0o600)

        let again = try scratch.open()
        #expect(try await again.get("a", in: "n") == KeyValueEntry(.text("one"), version: version))
        #expect(try await again.set(.text("3"), for: "c", in: "n") > version + 1)
        #expect(await again.failure(setting: .text("4"), for: "d", quota: quota) == .exhausted)
        #expect(try await again.verify() == [])
    }

    @Test("An answer means that the log was synced")
    func durability() async throws {
        let store = try scratch.open()
        try await store.set(.text("x"), for: "k", in: "n")
        let (journal, level) = try await store.writer.writeWithoutTransaction { db in
            (try String.fetchOne(db, sql: "PRAGMA journal_mode"), try Int.fetchOne(db, sql: "PRAGMA synchronous"))
        }
        // FULL is 2.
        #expect(journal == "wal" && level == 2)
    }

    @Test("Many changes at once share transactions, and each has its own answer")
    func groups() async throws {
        let store = try scratch.open()
        let failures = await withTaskGroup(of: (Int, HostError.Code?).self) { group in
            for number in 0..<500 {
                group.addTask {
                    let quota = KeyValueQuota(bytes: number % 5 == 1 ? 0 : nil)
                    let condition: KeyValueCondition = number % 5 == 2 ? .version(7_000_000) : .always
                    return (
                        number,
                        await store.failure(
                            setting: .text("\(number)"), for: "k\(number)", in: "n\(number % 3)", if: condition,
                            quota: quota)
                    )
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for number in 0..<500 {
            let expected: HostError.Code? = [1: .exhausted, 2: .conflict][number % 5]
            #expect(failures[number] == expected)
            #expect(try await store.text("k\(number)", in: "n\(number % 3)") == (expected == nil ? "\(number)" : nil))
        }
        #expect(try await store.verify() == [])
    }

    @Test("What has expired is removed in portions, and counts for nothing where the room is needed")
    func sweeping() async throws {
        let store = try scratch.open()
        let end = scratch.clock.now + 10
        for number in 0..<600 { store.begin(.text("x", expiration: end), for: "k\(number)", in: "n") }
        try await store.set(.text("x"), for: "stays", in: "n")
        #expect(try await store.sweep() == 0)
        scratch.clock.advance(10)
        #expect(try await store.list(in: "n").keys.map(\.name) == ["stays"])
        // All of them stand in the way, and go for it at once, so far as they must.
        #expect(await store.failure(setting: .text("y"), for: "new", quota: KeyValueQuota(keys: 400)) == nil)
        #expect(try await store.verify() == [])
        #expect(try await store.sweep() == 256)
        var rounds = 0
        while try await store.sweep() > 0 { rounds += 1 }
        #expect(rounds < 3)
        #expect(try await store.verify() == [])
        #expect(await store.failure(setting: .text("y"), for: "third", quota: KeyValueQuota(keys: 3)) == nil)
        #expect(await store.failure(setting: .text("y"), for: "fourth", quota: KeyValueQuota(keys: 3)) == .exhausted)
    }

    @Test("A list passes over thousands of expired keys")
    func listingExpired() async throws {
        let store = try scratch.open { $0.mostCalls = 100_000 }
        let end = scratch.clock.now + 10
        for number in 0..<10_000 {
            store.begin(.text("", expiration: end), for: "k\(100_000 + number)", in: "n")
        }
        for key in ["a", "k104096", "z"] { try await store.set(.text(""), for: key, in: "n") }
        scratch.clock.advance(10)
        #expect(try await store.list(in: "n").keys.map(\.name) == ["a", "k104096", "z"])
        let page = try await store.list("k", limit: 1, in: "n")
        #expect(page.keys.map(\.name) == ["k104096"] && page.isComplete)
        #expect(try await store.list(limit: 2, in: "n").isComplete == false)
    }

    @Test("Past the bound of what waits, calls are refused; other namespaces have room")
    func bounds() async throws {
        let store = try scratch.open {
            $0.mostCalls = 40
            $0.lockTimeout = .seconds(60)
        }
        let blocker = try DatabaseQueue(path: scratch.path)
        let answers = Answers()
        try await blocker.write { _ in
            for number in 0..<30 {
                store.begin(.text("x"), for: "\(number)", in: "n") { answers.add($0) }
            }
            #expect(answers.failures.count == 20)
            for namespace in ["m", "o", "p", "q"] {
                for number in 0..<10 { store.begin(.text("x"), for: "\(number)", in: namespace) { answers.add($0) } }
            }
            #expect(answers.failures.count == 30 && answers.count == 30)
        }
        await store.close()
        #expect(answers.count == 70)
        #expect(answers.failures == [HostError.Code](repeating: .unavailable, count: 30))
    }

    @Test("Too large a value is refused")
    func tooLarge() async throws {
        let store = try scratch.open()
        let value = KeyValueEntry.Value([UInt8](repeating: 0, count: DatabaseKeyValueStore.mostEntryBytes))
        #expect(await store.failure(setting: value, for: "k") == .invalidArgument)
    }

    @Test("The end waits for what was asked, and refuses what comes later")
    func closing() async throws {
        let store = try scratch.open()
        let answers = Answers()
        for number in 0..<500 { store.begin(.text("x"), for: "\(number)", in: "n\(number % 4)") { answers.add($0) } }
        async let first: Void = store.close()
        async let second: Void = store.close()
        _ = await (first, second)
        await store.close()
        #expect(answers.count == 500 && answers.failures.isEmpty)
        #expect(await store.failure(setting: .text("x"), for: "k") == .unavailable)
        await #expect(throws: HostError.self) { try await store.get("k", in: "n") }
        let again = try scratch.open()
        #expect(try await again.list(in: "n3").keys.count == 125)
    }

    @Test("The log stays small where somebody always reads")
    func log() async throws {
        let store = try scratch.open {
            $0.checkpointBytes = 256 << 10
            $0.lockTimeout = .seconds(10)
        }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let readers = try [
            DatabaseQueue(path: scratch.path, configuration: configuration),
            DatabaseQueue(path: scratch.path, configuration: configuration),
        ]
        try await withThrowingTaskGroup { group in
            group.addTask {
                // The one begins before the other ends.
                var turn = 0
                while !Task.isCancelled {
                    try await readers[turn % 2].writeWithoutTransaction { db in
                        if db.isInsideTransaction { try db.rollback() }
                        try db.beginTransaction(.deferred)
                        _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM namespaces")
                    }
                    turn += 1
                    try await readers[turn % 2].writeWithoutTransaction { db in
                        if db.isInsideTransaction { try db.rollback() }
                    }
                }
            }
            for number in 0..<3000 {
                try await store.set(.init([UInt8](repeating: 1, count: 4000)), for: "k\(number % 50)", in: "n")
            }
            #expect(scratch.size("-wal") < 2 << 20)
            group.cancelAll()
            // The cancelled task may end in an error.
            while let result = await group.nextResult() { _ = result }
        }
        #expect(try await store.verify() == [])
        #expect(scratch.faults.kinds == [])
    }
}

/// Answers that came.
private final class Answers: Sendable {
    private let list = Mutex<[Result<Int, HostError>]>([])
    var count: Int { list.withLock { $0.count } }
    var failures: [HostError.Code] {
        list.withLock { $0 }.compactMap { if case .failure(let error) = $0 { error.code } else { nil } }
    }
    func add(_ result: Result<Int, HostError>) { list.withLock { $0.append(result) } }
}

extension DatabaseKeyValueStore {
    fileprivate func sweep() async throws(HostError) -> Int {
        try await withCheckedContinuation { continuation in sweep { continuation.resume(returning: $0) } }.get()
    }

    /// Of a change that nobody waits for.
    fileprivate func begin(_ value: KeyValueEntry.Value, for key: String, in namespace: String) {
        begin(value, for: key, in: namespace) { _ in }
    }

    fileprivate func begin(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String,
        _ answer: @escaping @Sendable (Result<Int, HostError>) -> Void
    ) { set(value, for: key, in: namespace, if: .always, quota: KeyValueQuota(), answer) }
}
