// SPDX-License-Identifier: Apache-2.0
import HostAPI
import KeyValueDatabase
import Testing

/// What holds of every store, in memory and in a file.
@Suite("Stores of keys and values", .timeLimit(.minutes(2)))
struct ConformanceTests {
    enum Kind: CaseIterable, Sendable { case memory, database }

    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func store(_ kind: Kind) throws -> any KeyValueStore {
        switch kind {
        case .memory: MemoryKeyValueStore(now: { [clock = scratch.clock] in clock.now })
        case .database: try scratch.open()
        }
    }

    @Test("A value is set, read, replaced and deleted with its metadata and its expiration", arguments: Kind.allCases)
    func life(_ kind: Kind) async throws {
        let store = try store(kind)
        #expect(try await store.get("k", in: "n") == nil)
        #expect(try await store.delete("k", in: "n") == false)
        let value = KeyValueEntry.Value([0, 0xff, 0], metadata: Array(#"{"a":1}"#.utf8), expiration: 2_000_000.5)
        let first = try await store.set(value, for: "k", in: "n")
        #expect(try await store.get("k", in: "n") == KeyValueEntry(value, version: first))
        let second = try await store.set(.text("two"), for: "k", in: "n")
        #expect(try await store.get("k", in: "n") == KeyValueEntry(.text("two"), version: second))
        #expect(try await store.get("k", in: "other") == nil)
        #expect(try await store.delete("k", in: "n"))
        #expect(try await store.get("k", in: "n") == nil)
    }

    @Test("No version is given twice, whatever is deleted or expires between", arguments: Kind.allCases)
    func versions(_ kind: Kind) async throws {
        let store = try store(kind)
        var seen: [Int] = []
        for round in 0..<9 {
            seen.append(try await store.set(.text("x", expiration: scratch.clock.now + 10), for: "k", in: "n"))
            if round % 3 == 0 { try await store.delete("k", in: "n") }
            if round % 3 == 1 { scratch.clock.advance(10) }
        }
        #expect(seen == seen.sorted() && Set(seen).count == 9 && seen.allSatisfy { $0 > 0 }, "\(seen)")
    }

    @Test("Nothing is a value too, and no key is a key", arguments: Kind.allCases)
    func empty(_ kind: Kind) async throws {
        let store = try store(kind)
        try await store.set(.text(""), for: "", in: "")
        try await store.set(.init([], metadata: []), for: "m", in: "")
        #expect(try await store.get("", in: "")?.value == .text(""))
        #expect(try await store.get("m", in: "")?.value.metadata == [])
        #expect(try await store.list(in: "").keys.map(\.name) == ["", "m"])
        #expect(try await store.delete("", in: ""))
    }

    @Test("Keys are bytes: texts that look alike are two, and NUL is a character like others", arguments: Kind.allCases)
    func keys(_ kind: Kind) async throws {
        let store = try store(kind)
        let keys = ["a", "a\0", "a\0b", "a\u{1}", "ab", "e\u{301}", "\u{e9}", "\u{ffff}", "\u{10ffff}"]
        for key in keys.shuffled() { try await store.set(.text(key), for: key, in: "n") }
        for key in keys { #expect(try await store.get(key, in: "n")?.value.bytes == Array(key.utf8)) }
        let names = try await store.list(in: "n").keys.map { Array($0.name.utf8) }
        #expect(names == keys.map { Array($0.utf8) })
        #expect(try await store.list("a\0", in: "n").keys.map(\.name) == ["a\0", "a\0b"])
        #expect(try await store.list("\u{10ffff}", in: "n").keys.count == 1)
    }

    @Test("Pages follow one another in the order of bytes, and stay within the prefix", arguments: Kind.allCases)
    func listing(_ kind: Kind) async throws {
        let store = try store(kind)
        for number in 0..<25 { try await store.set(.text(""), for: "k\(number + 10)", in: "n") }
        for key in ["j", "l"] { try await store.set(.init([], metadata: [0x31]), for: key, in: "n") }
        var names: [String] = []
        var page: KeyValuePage
        repeat {
            page = try await store.list("k", after: names.last, limit: 10, in: "n")
            names += page.keys.map(\.name)
            if names.count == 10 { try await store.delete("k19", in: "n") }
        } while !page.isComplete
        #expect(names == (0..<25).map { "k\($0 + 10)" })
        let exact = try await store.list("j", limit: 1, in: "n")
        #expect(exact.isComplete && exact.keys.first?.metadata == [0x31])
        #expect(try await store.list("l", after: "a", in: "n").keys.map(\.name) == ["l"])
        #expect(try await store.list("j", after: "z", in: "n") == KeyValuePage(keys: [], isComplete: true))
        #expect(try await store.list(limit: 0, in: "n") == KeyValuePage(keys: [], isComplete: false))
        #expect(try await store.list(in: "nobody") == KeyValuePage(keys: [], isComplete: true))
    }

    @Test("A value expires at its moment, for reads, lists and conditions", arguments: Kind.allCases)
    func expiry(_ kind: Kind) async throws {
        let store = try store(kind)
        for key in ["a", "b"] {
            try await store.set(
                .text("x", expiration: scratch.clock.now + (key == "a" ? 10 : 20)), for: key, in: "n")
        }
        scratch.clock.advance(9)
        #expect(try await store.list(in: "n").keys.map(\.expiration) == [1_000_010, 1_000_020])
        scratch.clock.advance(1)
        #expect(try await store.get("a", in: "n") == nil)
        #expect(try await store.list(limit: 1, in: "n").keys.map(\.name) == ["b"])
        #expect(await store.failure(setting: .text("y"), for: "a", if: .version(1)) == .conflict)
        #expect(await store.failure(setting: .text("y"), for: "a", if: .absent) == nil)
        scratch.clock.advance(10)
        #expect(try await store.delete("b", in: "n") == false)
        #expect(try await store.text("a") == "y")
    }

    @Test("A change is made only where its condition holds", arguments: Kind.allCases)
    func conditions(_ kind: Kind) async throws {
        let store = try store(kind)
        #expect(await store.failure(setting: .text("1"), for: "k", if: .version(1)) == .conflict)
        let version = try await store.set(.text("1"), for: "k", in: "n", if: .absent)
        #expect(await store.failure(setting: .text("2"), for: "k", if: .absent) == .conflict)
        #expect(await store.failure(setting: .text("2"), for: "k", if: .version(version + 1)) == .conflict)
        #expect(try await store.text("k") == "1")
        let next = try await store.set(.text("2"), for: "k", in: "n", if: .version(version))
        await #expect(throws: HostError.self) { try await store.delete("k", in: "n", if: .version(version)) }
        #expect(try await store.delete("k", in: "n", if: .version(next)))
        #expect(try await store.delete("k", in: "n", if: .absent) == false)
    }

    @Test("Of counters that race by version, no step is lost", arguments: Kind.allCases)
    func races(_ kind: Kind) async throws {
        let store = try store(kind)
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    var done = 0
                    while done < 25 {
                        let old = try? await store.get("n", in: "n")
                        let number = old.flatMap { Int(String(decoding: $0.value.bytes, as: UTF8.self)) } ?? 0
                        let condition = old.map { KeyValueCondition.version($0.version) } ?? .absent
                        if await store.failure(setting: .text("\(number + 1)"), for: "n", if: condition) == nil {
                            done += 1
                        }
                    }
                }
            }
        }
        #expect(try await store.text("n") == "200")
    }

    @Test("A quota bounds keys and bytes, metadata too; what makes less is always allowed", arguments: Kind.allCases)
    func quotas(_ kind: Kind) async throws {
        let store = try store(kind)
        let quota = KeyValueQuota(bytes: 10, keys: 2)
        #expect(await store.failure(setting: .text("1234"), for: "a", quota: quota) == nil)
        #expect(await store.failure(setting: .text("12345"), for: "b", quota: quota) == .exhausted)
        #expect(
            await store.failure(setting: .init([1, 2, 3], metadata: [1, 2]), for: "b", quota: quota) == .exhausted)
        #expect(await store.failure(setting: .text("1234"), for: "b", quota: quota) == nil)
        #expect(await store.failure(setting: .text(""), for: "c", quota: quota) == .exhausted)
        #expect(await store.failure(setting: .text("12345"), for: "a", quota: quota) == .exhausted)
        #expect(await store.failure(setting: .text("4321"), for: "a", quota: quota) == nil)
        // Another namespace has its own.
        #expect(await store.failure(setting: .text("123456789"), for: "a", in: "m", quota: quota) == nil)
        #expect(await store.failure(setting: .text("1"), for: "a", quota: KeyValueQuota(bytes: 0, keys: 0)) == nil)
        try await store.delete("b", in: "n")
        #expect(await store.failure(setting: .text("12345678"), for: "c", quota: quota) == .exhausted)
        #expect(await store.failure(setting: .text("1234567"), for: "c", quota: quota) == nil)
    }

    @Test("An expired value of a key counts for nothing when it is set again", arguments: Kind.allCases)
    func expiredQuota(_ kind: Kind) async throws {
        let store = try store(kind)
        let quota = KeyValueQuota(bytes: 5, keys: 1)
        try await store.set(.text("1234", expiration: scratch.clock.now + 1), for: "a", in: "n", quota: quota)
        scratch.clock.advance(1)
        #expect(await store.failure(setting: .text("12345"), for: "a", quota: quota) == .exhausted)
        #expect(await store.failure(setting: .text("4321"), for: "a", quota: quota) == nil)
    }

    @Test("Values of 25 MiB are kept", arguments: Kind.allCases)
    func large(_ kind: Kind) async throws {
        let store = try store(kind)
        let value = [UInt8](repeating: 0x5a, count: KeyValue.mostValueBytes)
        try await store.set(.init(value), for: "k", in: "n")
        #expect(try await store.get("k", in: "n")?.value.bytes == value)
        try await store.set(.text("small"), for: "k", in: "n")
        #expect(try await store.text("k") == "small")
    }
}
