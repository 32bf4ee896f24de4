// SPDX-License-Identifier: Apache-2.0
import NIOCore
import Registry
import ShardProtocol
import ShardProtocolSupport
import Synchronization
import Testing
import WorkerRuntime

@testable import ExecutorServer

@Suite("A shard and its connection")
struct ShardConnectionTests {
    /// Counts what it hears.
    private final class Owner: Shard.Owner {
        let heard = Mutex(0)

        func shardIsReady(_ shard: Shard) {}
        func shardIsHeard(_ shard: Shard, _ figures: ShardFigures) { heard.withLock { $0 += 1 } }
        func shardLostThread(_ shard: Shard, of worker: String) {}
        func shardEnded(_ shard: Shard, _ error: ProtocolError?) {}
        func shardSays(_ shard: Shard, _ line: String) {}
        func shardIsUnbounded(_ shard: Shard, _ error: any Error) {}
        func shardExited(_ shard: Shard, _ end: ChildProcess.End) {}
        func log(_ line: LineDescription) {}
    }

    /// A shard whose process is this one: bytes move when they are told to.
    private struct Pair {
        let owner = Owner()
        let shard: Shard
        let handler = TestShard { dispatch, _ in dispatch.answer("hello") }
        let supervisor: SupervisorLink
        let link: ShardLink

        init() {
            shard = Shard(Placement.Place(group: .trust(.low), index: 0), number: 1, owner: owner)
            supervisor = shard.connect(TestTransport(), ShardSettings())
            link = ShardLink(TestTransport(), ShardGreeting(process: 1, engine: "test"), handler)
            handler.attach(link)
            move()
        }

        func move() {
            while true {
                let (down, up) = (supervisor.takeOutput(), link.takeOutput())
                if down == nil, up == nil { return }
                if let down { link.receive(down) }
                if let up { supervisor.receive(up) }
            }
        }
    }

    @Test("A shard that says that it is there for as long as it lives is heard each time")
    func heartbeats() {
        let pair = Pair()
        #expect(pair.shard.isServing)
        for _ in 0..<2000 {
            pair.link.beat()
            pair.move()
        }
        #expect(pair.owner.heard.withLock { $0 } == 2000)
    }

    @Test("One that is to leave takes nothing more, and what is being tried there is waited for")
    func leaves() async {
        let pair = Pair()
        let description = WorkerDescription(ModulesDescription(worker: "w", main: "w.js", isPublic: false, modules: []))
        let grant = StartGrant(WorkerDeployment(name: "w", version: 1, identity: "w", main: "w.js", modules: [:]))
        let faults = Task { await pair.shard.check(description, [], grant) }
        while pair.shard.load == 0 { await Task.yield() }
        pair.shard.drain()
        #expect(!pair.shard.isServing)
        #expect(pair.handler.drains == 0)
        #expect(pair.shard.load > 0)
        while pair.shard.load > 0 {
            pair.move()
            await Task.yield()
        }
        #expect(await faults.value?.map(\.message) == ["w.js"])
        pair.move()
        #expect(pair.handler.drains == 1)
        #expect(await pair.shard.check(description, [], grant) == nil)
    }
}

@Suite("Versions of a worker on shards")
struct ShardedWorkerTests {
    private func worker(_ version: Int) -> ShardedWorker {
        ShardedWorker(
            WorkerDeployment(
                name: "a", version: version, identity: "\(version)", main: "a.js",
                modules: ["a.js": "export default { fetch: () => new Response() }"]),
            serial: version, figures: WorkerFigures())
    }

    @Test("A later version is found from the one that a request was sent for; none that was never in service after it")
    func versions() {
        let (first, second, third) = (worker(1), worker(2), worker(3))
        first.succeeded(by: second)
        second.succeeded(by: third)
        #expect(first.version(1) === first)
        #expect(first.version(3) === third)
        #expect(third.version(3) === third)
        #expect(third.version(1) == nil)
        #expect(first.version(4) == nil)
    }

    @Test("Very many versions are let go of one by one")
    func many() {
        let first = worker(1)
        var last = first
        for number in 2...20_000 {
            let next = worker(number)
            last.succeeded(by: next)
            last = next
        }
        #expect(first.version(20_000) === last)
    }
}
