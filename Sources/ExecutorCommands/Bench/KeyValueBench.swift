// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import HostAPI
internal import KeyValueDatabase
internal import Synchronization

/// Reads and durable writes of the store in a file.
struct KeyValueBench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kv", abstract: "Reads and durable writes of keys and values.",
        discussion: """
            reads: 100,000 keys with values of 100 bytes, at random, from the store itself.
            capability_reads: the same through the capability, as scripts' calls go: checked, metered, copied.
            writes: values of 100 bytes at random keys, each answered when it is on the disk.
            capability_writes: the same through the capability.
            sync: a wait for the disk after each 4 KiB, one after another: what the disk allows.
            Each holds so many calls in flight, and begins the next from the answer of one.
            """)

    @Option(help: "How many reads of each kind.") var reads: String?
    @Option(help: "How many writes of each kind.") var writes: String?
    @Option(help: "Calls at a time.") var inFlight: String?
    @Option(name: .customLong("in"), help: "The folder for the files: that of temporary files unless given.")
    var folder: String?
    @Flag(help: "Print one JSON object.") var json = false

    private static let keys = 100_000
    private static let value = [UInt8](repeating: 0x61, count: 100)

    func run() throws {
        let reads = try reads.map { try Numbers.whole($0, "--reads", least: 1) } ?? 500_000
        let writes = try writes.map { try Numbers.whole($0, "--writes", least: 1) } ?? 50_000
        let inFlight = try inFlight.map { try Numbers.whole($0, "--in-flight", least: 1) } ?? 32
        let parent = folder.map { URL(filePath: $0) } ?? FileManager.default.temporaryDirectory
        let place = parent.appending(path: "rookery-bench-\(UUID().uuidString)").path(percentEncoded: false)
        do {
            try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        } catch {
            throw CommandEnded(.wrongUsage, "--in: no folder can be made in \(parent.path(percentEncoded: false))")
        }
        defer { try? FileManager.default.removeItem(atPath: place) }
        do {
            let report = try Self.measure(in: place, reads: reads, writes: writes, inFlight: inFlight)
            report.print(asJSON: json)
        } catch let error as DatabaseStoreError {
            throw CommandEnded(.ourFault, error.description)
        }
    }

    private static func measure(in folder: String, reads: Int, writes: Int, inFlight: Int) throws -> BenchReport {
        let store = try DatabaseKeyValueStore(path: folder + "/values.db")
        let scope = try Self.scope(store)
        let filled = Flight(keys, inFlight: 1024) { number, done in
            store.set(.init(value), for: name(number), in: "bench", if: .always, quota: .init()) { done($0.isSuccess) }
        }
        try filled.run()
        var report = BenchReport()
        report.add("keys", keys)
        report.add("in_flight", inFlight)
        func measure(_ name: String, _ count: Int, _ call: @escaping Flight.Call) throws {
            try Flight(count / 10 + 1, inFlight: inFlight, call).run()
            let (elapsed, samples) = try Flight(count, inFlight: inFlight, call).run()
            report.add("\(name)s_per_s", Int(Double(count) / (elapsed / .seconds(1))))
            report.add("\(name)_p50_us", samples.microseconds(50))
            report.add("\(name)_p99_us", samples.microseconds(99))
        }
        try measure("read", reads) { number, done in
            store.get(name(scattered(number)), in: "bench") { done((try? $0.get()) != nil) }
        }
        try measure("capability_read", reads) { number, done in
            scope.call("get", [.undefined, .string(name(scattered(number)))]) { result in
                guard case .success(.list) = result else { return done(false) }
                done(true)
            }
        }
        try measure("write", writes) { number, done in
            store.set(.init(value), for: name(scattered(number)), in: "bench", if: .always, quota: .init()) {
                done($0.isSuccess)
            }
        }
        try measure("capability_write", writes) { number, done in
            scope.call("set", [.undefined, .string(name(scattered(number))), .bytes(value)]) { done($0.isSuccess) }
        }
        let closed = Gate<Void>()
        store.close { closed.open(()) }
        closed.wait()
        let syncs = try syncs(in: folder)
        report.add("sync_p50_us", syncs.microseconds(50))
        report.add("sync_p99_us", syncs.microseconds(99))
        return report
    }

    private static func name(_ number: Int) -> String { "key/\(number)" }

    /// A key far from that of the number before.
    private static func scattered(_ number: Int) -> Int { number &* 48_271 % keys }

    private static func syncs(in folder: String) throws -> Samples {
        // Each write waits for the disk.
        let file = try OpenFile(folder + "/synced", O_WRONLY | O_CREAT | O_APPEND | O_DSYNC)
        let page = [UInt8](repeating: 0x61, count: 4096)
        return try Samples.taking(500) { try ContinuousClock().measure { try file.writeAll(page) } }
    }

    private static func scope(_ store: DatabaseKeyValueStore) throws -> Caller {
        let table = try HostTable([KeyValue(store)])
        let binding = try table.bind(KeyValue.self, as: "BENCH", grant: .namespace("bench"))
        return Caller(table: table, scope: CallScope(caller: "bench", bindings: [binding]))
    }
}

/// Calls as a script makes them.
private struct Caller: Sendable {
    let table: HostTable
    let scope: CallScope

    func call(
        _ operation: String, _ arguments: [HostValue],
        _ answer: @escaping @Sendable (Result<HostValue, HostError>) -> Void
    ) {
        scope.call(
            table.index(of: "kv." + operation) ?? -1, on: 0, argumentBytes: HostValue.list(arguments).byteCount,
            { () throws(HostError) in arguments }, answer: answer)
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}

/// Calls of which so many are under way at a time: the answer of one begins the next.
private final class Flight: Sendable {
    /// Makes the call of a number, and tells whether it went well.
    typealias Call = @Sendable (Int, _ done: @escaping @Sendable (Bool) -> Void) -> Void

    private struct State {
        var next: Int
        var left: Int
        var failures = 0
        var samples = Samples()
    }

    private let count: Int
    private let inFlight: Int
    private let call: Call
    private let clock = ContinuousClock()
    private let state: Mutex<State>
    private let isOver = Gate<Void>()

    init(_ count: Int, inFlight: Int, _ call: @escaping Call) {
        self.count = count
        self.inFlight = min(inFlight, count)
        self.call = call
        state = Mutex(State(next: 0, left: count))
    }

    @discardableResult func run() throws -> (elapsed: Duration, Samples) {
        let start = clock.now
        for _ in 0..<inFlight { begin() }
        isOver.wait()
        let elapsed = clock.now - start
        return try state.withLock { state in
            guard state.failures == 0 else {
                throw CommandEnded(.ourFault, "\(state.failures) of \(count) calls failed")
            }
            return (elapsed, state.samples)
        }
    }

    private func begin() {
        let number = state.withLock { state -> Int? in
            guard state.next < count else { return nil }
            defer { state.next += 1 }
            return state.next
        }
        guard let number else { return }
        let start = clock.now
        call(number) { [self] isWell in
            let time = clock.now - start
            let isLast = state.withLock { state in
                state.samples.add(time)
                state.failures += isWell ? 0 : 1
                state.left -= 1
                return state.left == 0
            }
            if isLast { isOver.open(()) } else { begin() }
        }
    }
}
