// SPDX-License-Identifier: Apache-2.0
import Testing
import WorkerRuntime

@Suite("Content stores")
struct ContentStoreTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func store(_ name: String = "cache", capacity: Int = 1 << 20) throws -> ContentStore {
        try #require(ContentStore(folder: scratch.path(name), capacity: capacity))
    }

    @Test("What is stored is there for the next process")
    func roundTrip() throws {
        try store().store([1, 2, 3], for: "key")
        try store().store([], for: "empty")
        #expect(try store().value(for: "key") == [1, 2, 3])
        #expect(try store().value(for: "empty") == [])
        #expect(try store().value(for: "other") == nil)
    }

    @Test("A later value replaces an earlier one, and nothing else is left in the folder")
    func replacing() throws {
        let store = try store()
        for value in UInt8(0)..<10 { store.store([value], for: "key") }
        #expect(store.value(for: "key") == [9])
        #expect(try scratch.names(in: "cache").count == 1)
    }

    @Test("Any text is a key", arguments: ["", "../../x", "/", "a\0b", "\u{E9}", "e\u{301}"])
    func keys(_ key: String) throws {
        let store = try store()
        store.store(Array(key.utf8), for: key)
        #expect(store.value(for: key) == Array(key.utf8))
        #expect(try scratch.names(in: "").count == 1)
    }

    @Test("An altered, shortened or foreign entry is absent")
    func corrupt() throws {
        let store = try store()
        store.store(Array("content".utf8), for: "key")
        let name = try "cache/" + #require(scratch.names(in: "cache").first)
        let entry = try scratch.bytes(of: name)
        for index in entry.indices {
            var altered = entry
            altered[index] ^= 1
            try scratch.write(altered, to: name)
            #expect(store.value(for: "key") == nil)
        }
        for length in [0, 8, 39, 40, entry.count - 1] {
            try scratch.write(Array(entry.prefix(length)), to: name)
            #expect(store.value(for: "key") == nil)
        }
        store.store(Array("foreign".utf8), for: "other")
        let other = try #require(scratch.names(in: "cache").first { "cache/" + $0 != name })
        try scratch.write(scratch.bytes(of: "cache/" + other), to: name)
        #expect(store.value(for: "key") == nil)
        store.store([7], for: "key")
        #expect(store.value(for: "key") == [7])
    }

    @Test("The folder stays below its capacity, and what was used last stays in it")
    func capacity() throws {
        let store = try store(capacity: 20_000)
        store.store([0], for: "used")
        for number in 0..<100 {
            store.store([UInt8](repeating: 1, count: 1000), for: "\(number)")
            #expect(store.value(for: "used") == [0])
        }
        var total = 0
        for name in try scratch.names(in: "cache") { total += try scratch.bytes(of: "cache/" + name).count }
        #expect(total <= 20_000)
        #expect(store.value(for: "99") != nil)
        #expect(store.value(for: "0") == nil)
        store.store([UInt8](repeating: 1, count: 20_000), for: "too large")
        #expect(store.value(for: "too large") == nil)
    }

    @Test("Missing folders above it are made, for the owner alone")
    func nested() throws {
        try store("a/b/cache").store([1], for: "x")
        #expect(try store("a/b/cache/").value(for: "x") == [1])
    }

    @Test("A folder that others can write to is refused", arguments: [0o770, 0o707, 0o777])
    func writable(_ permissions: Int) throws {
        try scratch.makeFolder("open")
        try scratch.setPermissions(permissions, of: "open")
        #expect(ContentStore(folder: scratch.path("open")) == nil)
    }

    @Test("What is no folder is refused")
    func unusable() throws {
        try scratch.write("", to: "file")
        #expect(ContentStore(folder: scratch.path("file")) == nil)
        #expect(ContentStore(folder: scratch.path("file/x")) == nil)
        #expect(ContentStore(folder: "") == nil)
    }
}
