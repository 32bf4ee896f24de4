// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Synchronization
import Testing

@Suite struct KeyValueTests {
    /// A clock that stands until it is set.
    final class Hand: Sendable {
        private let time = Mutex(1_000_000.0)
        var now: Double { time.withLock { $0 } }
        func advance(_ milliseconds: Double) { time.withLock { $0 += milliseconds } }
    }

    private let hand = Hand()
    private let store: MemoryKeyValueStore

    init() { store = MemoryKeyValueStore(now: { [hand] in hand.now }) }

    private func host(_ grant: KeyValueGrant? = nil) throws -> TestHost {
        try TestHost(KeyValue(store, now: { [hand] in hand.now }), grant ?? .namespace("links"))
    }

    private struct Page: Decodable {
        struct Key: Decodable {
            let name: String
            let version: Int
            let metadata: [String: String]?
            let expiration: Double?
        }
        let keys: [Key]
        let cursor: String?
    }

    @Test("Metadata is listed as it was set, with its keys in their order; what a store spoilt is left out")
    func metadataAsItWas() async throws {
        let host = try host()
        let texts = [#"{"z":1,"a":{"y":[1.50,null],"b":"\ud800"},"m":1e2}"#, "[]", "{"]
        for (index, text) in texts.enumerated() {
            _ = try await host.call(
                "kv.set", .undefined, .string("k\"\(index)"), .string(""), .undefined, .json(text.data))
        }
        let list = try await host.call("kv.list", .undefined, .json(#"{"limit":3}"#.data))
        guard case .json(let json) = list else { throw HostError(.failed, "\(list)") }
        let page = String(decoding: json, as: UTF8.self)
        #expect(page.contains(#""metadata":\#(texts[0])}"#) && page.contains(#""metadata":[]}"#), "\(page)")
        #expect(page.split(separator: "metadata").count == 3)
        #expect(try list.decode(Names.self).keys.map(\.name) == ["k\"0", "k\"1", "k\"2"])
        let first = try await host.call("kv.list", .undefined, .json(#"{"limit":1}"#.data)).decode(Names.self)
        #expect(first.cursor == "k\"0")
    }

    private struct Names: Decodable {
        struct Key: Decodable { let name: String }
        let keys: [Key]
        let cursor: String?
    }

    @Test("A value is set, read, listed and deleted")
    func life() async throws {
        let host = try host()
        #expect(try await host.call("kv.get", .undefined, .string("a")) == .null)
        #expect(
            try await host.call(
                "kv.set", .undefined, .string("a"), .string("one"), .undefined, .json(#"{"x":"y"}"#.data)) == .number(1)
        )
        #expect(
            try await host.call("kv.get", .string("links"), .string("a"))
                == .list([.bytes("one".data), .json(#"{"x":"y"}"#.data), .number(1)]))
        #expect(try await host.call("kv.set", .undefined, .string("a"), .bytes([0xff])) == .number(2))
        #expect(try await host.call("kv.get", .undefined, .string("a")) == .list([.bytes([0xff]), .null, .number(2)]))
        let page = try await host.call("kv.list", .undefined).decode(Page.self)
        #expect(page.keys.map(\.name) == ["a"] && page.cursor == nil)
        #expect(try await host.call("kv.delete", .undefined, .string("a")) == .boolean(true))
        #expect(try await host.call("kv.delete", .undefined, .string("a")) == .boolean(false))
        #expect(try await host.call("kv.get", .undefined, .string("a")) == .null)
    }

    @Test("Each operation is refused outside the granted namespaces and prefixes")
    func denied() async throws {
        let reader = try host(KeyValueGrant(read: ["links"], prefixes: ["user/"]))
        for namespace in ["other", "Links", "links ", "", "links\0", "links/../other"] {
            #expect(await reader.failure("kv.get", .string(namespace), .string("user/1")) == .denied)
            #expect(await reader.failure("kv.list", .string(namespace), .json(#"{"prefix":"user/"}"#.data)) == .denied)
        }
        #expect(await reader.failure("kv.get", .undefined, .string("admin/1")) == .denied)
        #expect(await reader.failure("kv.list", .undefined) == .denied)
        #expect(await reader.failure("kv.list", .undefined, .json(#"{"prefix":"use"}"#.data)) == .denied)
        #expect(await reader.failure("kv.list", .undefined, .json(#"{"prefix":"user/1"}"#.data)) == nil)
        #expect(await reader.failure("kv.set", .undefined, .string("user/1"), .string("x")) == .denied)
        #expect(await reader.failure("kv.delete", .undefined, .string("user/1")) == .denied)
        let writer = try host(KeyValueGrant(read: [], write: ["links"]))
        #expect(await writer.failure("kv.set", .undefined, .string("k"), .string("x")) == nil)
        #expect(await writer.failure("kv.get", .undefined, .string("k")) == .denied)
        #expect(await writer.failure("kv.list", .undefined) == .denied)
        let two = try host(KeyValueGrant(read: ["a", "b"]))
        #expect(await two.failure("kv.get", .undefined, .string("k")) == .invalidArgument)
        #expect(await two.failure("kv.get", .string("a"), .string("k")) == nil)
        for name in ["", "A", "a b", "e\u{301}", "a/b", String(repeating: "a", count: 65)] {
            #expect(throws: GrantError.self) { try KeyValueGrant(read: [name]) }
        }
    }

    @Test("Wrong and giant arguments are refused")
    func arguments() async throws {
        let host = try host()
        for key: HostValue in [
            .undefined, .number(1), .bytes([1]), .string(""), .string(String(repeating: "k", count: 513)),
        ] {
            for operation in ["kv.get", "kv.set", "kv.delete"] {
                #expect(
                    await host.failure(operation, .undefined, key, .string("v")) == .invalidArgument,
                    "\(operation) \(key)")
            }
        }
        for value: HostValue in [.undefined, .null, .number(1), .json("{}".data)] {
            #expect(await host.failure("kv.set", .undefined, .string("k"), value) == .invalidArgument)
        }
        for options: HostValue in [
            .number(1), .string("x"), .json("[]".data), .json(#"{"ifVersion":"1"}"#.data),
            .json(#"{"expiration":"never"}"#.data), .json("{".data), .json([0xff]),
        ] {
            #expect(await host.failure("kv.set", .undefined, .string("k"), .string("v"), options) == .invalidArgument)
            #expect(await host.failure("kv.delete", .undefined, .string("k"), options) == .invalidArgument)
        }
        for options in [
            "{\"limit\":0}", "{\"limit\":1001}", "{\"limit\":1.5}", "{\"prefix\":1}",
            "{\"prefix\":\"\(String(repeating: "p", count: 513))\"}",
        ] {
            #expect(await host.failure("kv.list", .undefined, .json(options.data)) == .invalidArgument)
        }
        #expect(
            await host.failure(
                "kv.set", .undefined, .string("k"), .string("v"), .undefined,
                .string(String(repeating: "m", count: 1023))) == .invalidArgument)
        #expect(
            await host.failure("kv.set", .undefined, .string("k"), .string("v"), .undefined, .bytes([1]))
                == .invalidArgument)
        #expect(
            await host.failure(
                "kv.set", .undefined, .string("k"), .bytes([UInt8](repeating: 0, count: KeyValue.mostValueBytes + 1)))
                == .invalidArgument)
        #expect(
            await host.failure("kv.get", .string(String(repeating: "n", count: 100_000)), .string("k"))
                == .invalidArgument)
        #expect(try await store.list(in: "links").keys.isEmpty)
    }

    @Test("Keys are bytes: texts that look alike are two, and NUL is a character like others")
    func keys() async throws {
        let host = try host()
        for (key, value) in [("e\u{301}", "1"), ("\u{e9}", "2"), ("a\0b", "3"), ("a", "4")] {
            _ = try await host.call("kv.set", .undefined, .string(key), .string(value))
        }
        #expect(try await store.get("e\u{301}", in: "links")?.value.bytes == "1".data)
        #expect(try await store.get("\u{e9}", in: "links")?.value.bytes == "2".data)
        #expect(try await store.get("a\0b", in: "links")?.value.bytes == "3".data)
        #expect(
            try await store.list(in: "links").keys.map { Array($0.name.utf8) }
                == ["a", "a\0b", "e\u{301}", "\u{e9}"].map { Array($0.utf8) })
    }

    @Test("Pages follow one another by cursor, whatever is deleted meanwhile")
    func listing() async throws {
        for number in 0..<25 { try await store.set(.init([]), for: "k\(number + 10)", in: "links") }
        try await store.set(.init([]), for: "j", in: "links")
        try await store.set(.init([]), for: "l", in: "links")
        let host = try host()
        var cursor: String?
        var names: [String] = []
        repeat {
            let options =
                cursor.map { #"{"prefix":"k","limit":10,"cursor":"\#($0)"}"# } ?? #"{"prefix":"k","limit":10}"#
            let page = try await host.call("kv.list", .undefined, .json(options.data)).decode(Page.self)
            names += page.keys.map(\.name)
            cursor = page.cursor
            if let cursor, names.count == 10 { try await store.delete(cursor, in: "links") }
        } while cursor != nil
        #expect(names == (0..<25).map { "k\($0 + 10)" })
        // Exactly full is complete.
        #expect(try await store.list("j", limit: 1, in: "links").isComplete)
        // A cursor before the prefix does not lead out of it.
        #expect(try await store.list("l", after: "a", in: "links").keys.map(\.name) == ["l"])
        #expect(try await store.list("j", after: "z", in: "links").keys.isEmpty)
    }

    @Test("A value expires, and then counts for nothing")
    func expiry() async throws {
        let host = try host()
        _ = try await host.call(
            "kv.set", .undefined, .string("a"), .string("x"), .json(#"{"expirationTtl":1000}"#.data))
        _ = try await host.call(
            "kv.set", .undefined, .string("b"), .string("x"), .json(#"{"expiration":1002000}"#.data))
        hand.advance(999)
        #expect(try await host.call("kv.get", .undefined, .string("a")) != .null)
        hand.advance(1)
        #expect(try await host.call("kv.get", .undefined, .string("a")) == .null)
        let page = try await host.call("kv.list", .undefined).decode(Page.self)
        #expect(page.keys.map(\.name) == ["b"] && page.keys.first?.expiration == 1_002_000)
        #expect(
            try await host.call("kv.set", .undefined, .string("a"), .string("y"), .json(#"{"ifVersion":0}"#.data))
                == .number(3))
        hand.advance(5000)
        #expect(try await host.call("kv.delete", .undefined, .string("b")) == .boolean(false))
    }

    @Test("A change by version is made only where nothing was changed before")
    func conditions() async throws {
        let host = try host()
        #expect(
            try await host.call("kv.set", .undefined, .string("k"), .string("1"), .json(#"{"ifVersion":0}"#.data))
                == .number(1))
        #expect(
            await host.failure("kv.set", .undefined, .string("k"), .string("2"), .json(#"{"ifVersion":0}"#.data))
                == .conflict)
        #expect(
            await host.failure("kv.set", .undefined, .string("k"), .string("2"), .json(#"{"ifVersion":7}"#.data))
                == .conflict)
        #expect(
            try await host.call("kv.set", .undefined, .string("k"), .string("2"), .json(#"{"ifVersion":1}"#.data))
                == .number(2))
        #expect(await host.failure("kv.delete", .undefined, .string("k"), .json(#"{"ifVersion":1}"#.data)) == .conflict)
        #expect(
            try await host.call("kv.delete", .undefined, .string("k"), .json(#"{"ifVersion":2}"#.data))
                == .boolean(true))
        #expect(
            await host.failure("kv.set", .undefined, .string("k"), .string("3"), .json(#"{"ifVersion":2}"#.data))
                == .conflict)
    }

    @Test("Of counters that race by version, no step is lost")
    func races() async throws {
        let store = store
        await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var done = 0
                    while done < 100 {
                        let old = try? await store.get("n", in: "links")
                        let number = old.flatMap { Int(String(decoding: $0.value.bytes, as: UTF8.self)) } ?? 0
                        let condition = old.map { KeyValueCondition.version($0.version) } ?? .absent
                        if (try? await store.set(.init("\(number + 1)".data), for: "n", in: "links", if: condition))
                            != nil
                        {
                            done += 1
                        }
                    }
                }
            }
        }
        #expect(try await store.get("n", in: "links")?.value.bytes == "400".data)
    }

    @Test("A quota bounds keys and bytes; replacing by less always works")
    func quotas() async throws {
        let host = try host(.namespace("links", quota: KeyValueQuota(bytes: 10, keys: 2)))
        #expect(await host.failure("kv.set", .undefined, .string("a"), .string("1234")) == nil)
        #expect(await host.failure("kv.set", .undefined, .string("b"), .string("12345")) == .exhausted)
        #expect(await host.failure("kv.set", .undefined, .string("b"), .string("1234")) == nil)
        #expect(await host.failure("kv.set", .undefined, .string("c"), .string("")) == .exhausted)
        #expect(await host.failure("kv.set", .undefined, .string("a"), .string("12345")) == .exhausted)
        #expect(await host.failure("kv.set", .undefined, .string("a"), .string("4321")) == nil)
        let tighter = try self.host(.namespace("links", quota: KeyValueQuota(bytes: 5, keys: 1)))
        #expect(await tighter.failure("kv.set", .undefined, .string("a"), .string("1")) == nil)
        #expect(await tighter.failure("kv.delete", .undefined, .string("b")) == nil)
        #expect(await host.failure("kv.set", .undefined, .string("c"), .string("123")) == nil)
    }

    @Test("The end of a dispatch refuses calls")
    func ended() async throws {
        let host = try host()
        host.scope.end()
        for operation in host.table.operations {
            #expect(await host.failure(operation, .undefined, .string("k"), .string("v")) == .cancelled)
        }
    }

    @Test("A call is cancelled while the store works, and what it did counts")
    func cancelling() async throws {
        let slow = SlowStore()
        let host = try TestHost(KeyValue(slow), .namespace("links"))
        for operation in host.table.operations {
            let answers = Recorder<HostError.Code?>()
            let call = host.begin(
                operation,
                [.undefined, operation == "kv.list" ? .undefined : .string("k")]
                    + (operation == "kv.set" ? [.string("v")] : [])
            ) { result in
                if case .failure(let error) = result { answers.add(error.code) } else { answers.add(nil) }
            }
            call?.cancel()
            #expect(answers.items == [.cancelled], "\(operation)")
            #expect(host.scope.meter.used(.pendingCalls) == 1)
            slow.finish()
            #expect(answers.items.count == 1)
            #expect(host.scope.meter.used(.pendingCalls) == 0)
        }
    }
}

/// A store that answers when it is told to.
private final class SlowStore: KeyValueStore {
    private let waiting = Mutex<[@Sendable () -> Void]>([])

    func finish() {
        let all = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        for answer in all { answer() }
    }

    func get(
        _ key: String, in namespace: String, _ answer: @escaping @Sendable (Result<KeyValueEntry?, HostError>) -> Void
    ) {
        waiting.withLock { $0.append { answer(.success(nil)) } }
    }

    func set(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String, if condition: KeyValueCondition,
        quota: KeyValueQuota,
        _ answer: @escaping @Sendable (Result<Int, HostError>) -> Void
    ) { waiting.withLock { $0.append { answer(.success(1)) } } }

    func delete(
        _ key: String, in namespace: String, if condition: KeyValueCondition,
        _ answer: @escaping @Sendable (Result<Bool, HostError>) -> Void
    ) { waiting.withLock { $0.append { answer(.success(true)) } } }

    func list(
        _ prefix: String, after key: String?, limit: Int, in namespace: String,
        _ answer: @escaping @Sendable (Result<KeyValuePage, HostError>) -> Void
    ) { waiting.withLock { $0.append { answer(.success(KeyValuePage(keys: [], isComplete: true))) } } }
}
