// SPDX-License-Identifier: Apache-2.0
import Glibc
import Registry
import ShardProtocol
import Synchronization
import Testing
import WorkerRuntime
import WorkerTypes

@testable import ExecutorServer

/// Shells stand for shards: what is said of a process, whatever it does.
@Suite("A shard's process", .timeLimit(.minutes(1)))
struct ShardProcessTests {
    /// Hears faults, and plays the kernel.
    private final class Heard: ShardMemory {
        struct Refused: Error, CustomStringConvertible { let description = "no such group" }

        let lines: AsyncStream<String>
        let say: AsyncStream<String>.Continuation
        let held = Mutex<[String: Int]>([:])
        let released = Mutex<[String]>([])
        let isOutgrown: Bool
        let refuses: Bool

        init(isOutgrown: Bool = false, refuses: Bool = false) {
            (lines, say) = AsyncStream.makeStream()
            self.isOutgrown = isOutgrown
            self.refuses = refuses
        }

        func hold(_ process: Int32, as name: String, most: Int) throws {
            if refuses { throw Refused() }
            held.withLock { $0[name] = most }
        }

        func release(_ name: String) -> Bool {
            released.withLock { $0.append(name) }
            return isOutgrown
        }

        /// All lines until one that ends like this, and that one.
        func lines(until end: String) async -> [String] {
            var heard: [String] = []
            for await line in lines {
                heard.append(line)
                if line.hasSuffix(end) { break }
            }
            return heard
        }
    }

    private struct Nobody: WorkerObserver {
        func observe(_ line: WorkerLogLine) {}
        func observe(_ record: RequestRecord) {}
    }

    private func start(_ shell: String, _ heard: Heard) -> ShardedHost {
        var options = ShardedHost.Options(
            shards: 2, program: ChildProgram(path: "/bin/sh", arguments: ["-c", shell]),
            host: WorkerHost.Options(cores: 1), mostHeldBytes: 6 << 30)
        options.memory = heard
        options.onFault = { heard.say.yield($0) }
        return ShardedHost(options, observer: Nobody())
    }

    @Test("Its last words stand before the word of its end, and that says by what it ended")
    func words() async {
        let heard = Heard()
        let host = start("echo '# Fatal error in v8' >&2; echo second; kill -SEGV $$", heard)
        let lines = await heard.lines(until: " has ended, with nothing inside (signal 11 (Segmentation fault))")
        let name = lines.last.map { $0.contains("low-0") ? "low-0" : "low-1" } ?? ""
        let own = lines.filter { $0.contains(name) }
        #expect(own.first == "shard \(name): # Fatal error in v8", "\(lines)")
        #expect(own.dropFirst().first == "shard \(name): second", "\(lines)")
        #expect(own.count == 3, "\(lines)")
        await host.stop(within: .zero)
    }

    @Test("A process has its share of memory, and a third more for what is not counted")
    func memory() async {
        let heard = Heard()
        let host = start("head -c1 <&3 >/dev/null; exit 7", heard)
        _ = await heard.lines(until: " has ended, with nothing inside (exit status 7)")
        await host.stop(within: .zero)
        let held = heard.held.withLock { $0 }
        #expect(held.values.allSatisfy { $0 == (4 << 30) + (640 << 20) }, "\(held)")
        #expect(held.keys.contains("shard-\(getpid())-1"))
        // Nobody else's, and what was held goes.
        #expect(heard.released.withLock { $0 }.allSatisfy { held[$0] != nil })
        #expect(!heard.released.withLock { $0 }.isEmpty)
    }

    @Test("A process that took more than it may is told from one that was killed")
    func outgrown() async {
        let heard = Heard(isOutgrown: true)
        let host = start("kill -KILL $$", heard)
        let lines = await heard.lines(
            until: " (the kernel, since it may have 4736 MiB of memory and took more)")
        #expect(!lines.isEmpty)
        await host.stop(within: .zero)
    }

    @Test("A process without a control group runs, and it is said")
    func unbounded() async {
        let heard = Heard(refuses: true)
        let host = start("head -c1 <&3 >/dev/null; exit 7", heard)
        let lines = await heard.lines(until: " has ended, with nothing inside (exit status 7)")
        #expect(lines.contains { $0.hasSuffix(" has no control group: no such group") }, "\(lines)")
        await host.stop(within: .zero)
    }

    @Test("A process that floods its supervisor is cut short")
    func flood() async {
        let heard = Heard()
        let host = start("for i in $(seq 5000); do echo 0123456789012345678901234567890123456789; done; exit 7", heard)
        let lines = await heard.lines(until: " has ended, with nothing inside (exit status 7)")
        let name = lines.last.map { $0.contains("low-0") ? "low-0" : "low-1" } ?? ""
        let own = lines.filter { $0.contains("\(name): 0123") }
        #expect((100..<2000).contains(own.count), "\(own.count)")
        #expect(lines.contains { $0.hasSuffix(" lines were left out)") })
        await host.stop(within: .zero)
    }

    @Test("Workers of low trust, also in quarantine, run the program for them")
    func programs() {
        var options = ShardedHost.Options(
            shards: 3, program: ChildProgram(path: "/bin/true", arguments: []),
            host: WorkerHost.Options(cores: 1), mostHeldBytes: 12 << 30)
        let low = Placement.Place(group: .trust(.low), index: 0)
        #expect(options.start(at: low, trust: .low).program.path == "/bin/true")
        options.lowTrustProgram = ChildProgram(path: "/bin/false", arguments: [])
        #expect(options.start(at: low, trust: .low).program.path == "/bin/false")
        #expect(options.start(at: low, trust: .high).program.path == "/bin/true")
        #expect(options.start(at: low, trust: .low).settings.mostHeldBytes == 4 << 30)
        let own = Placement.Place(group: .quarantine("bad"), index: 0)
        #expect(options.start(at: own, trust: .low).program.path == "/bin/false")
        // A worker that is alone has less.
        #expect(options.start(at: own, trust: .low).settings.mostHeldBytes == 1 << 30)
    }
}
