// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Isolates
import Support
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("What a host of workers lets them use", .leavesNoIsolates) struct WorkerLimitTests {
    @Test("A dispatch that computes past its limit is ended, and the next request is served by another isolate")
    func cpuLimit() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                let n = 0;
                export default { fetch(request) {
                  n++;
                  if (request.url.endsWith('spin')) for (;;);
                  return new Response(`${n}`);
                } }
                """)
            #expect(try await workers.ask("a") == "1")
            await #expect(throws: DispatchFailure.ended(.exceededCPU)) { try await workers.ask("a", "/spin") }
            #expect(try await workers.ask("a") == "1")
            #expect(workers.host.status(of: "a")?.errors == 1)
            // The next one's isolate is another one's thread: it may be over first.
            let records = await workers.seen.records(3)
            let record = try #require(records.first { $0.outcome == .exceededCPU })
            #expect(record.usage.cpuMicroseconds >= 45_000)
        }
    }

    @Test("A dispatch that waits past its limit is ended with exceededWallTime, others go on")
    func wallLimit() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  if (request.url.endsWith('wait')) await new Promise((resolve) => setTimeout(resolve, 1e6));
                  return new Response('good');
                } }
                """
            ) { $0.limits.wall = .seconds(3) }
            async let slow = workers.ask("a", "/wait")
            #expect(try await workers.ask("a") == "good")
            do {
                _ = try await slow
                Issue.record("it was answered")
            } catch {
                #expect(error as? DispatchFailure == .ended(.exceededWallTime))
            }
        }
    }

    @Test("A worker that passes its memory loses its isolate, and nobody else does")
    func memoryLimit() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                const kept = [];
                export default { fetch() { for (;;) kept.push(new Array(10000).fill(kept.length)); } }
                """
            ) {
                $0.limits.memory = 16 << 20
                $0.limits.cpu = .seconds(10)
            }
            try workers.install("b", "export default { fetch: () => new Response('b') }")
            #expect(try await workers.ask("b") == "b")
            await #expect(throws: DispatchFailure.ended(.exceededMemory)) { try await workers.ask("a") }
            #expect(try await workers.ask("b") == "b")
        }
    }

    @Test(
        "A worker that V8 cannot end loses its isolate and a thread; it comes back, and others are answered all the while"
    )
    func lostThreads() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { async fetch(request) {
                  if (!request.url.endsWith('hang')) return new Response('a');
                  \(LostThreadTests.unresponsive)
                } }
                """
            ) { $0.limits.cpu = .milliseconds(50) }
            try workers.install("b", "export default { fetch: () => new Response('b') }")
            // More than there are threads at a time.
            for _ in 0..<3 {
                async let hang = workers.ask("a", "/hang")
                for _ in 0..<20 { #expect(try await workers.ask("b") == "b") }
                do {
                    _ = try await hang
                    Issue.record("it was answered")
                } catch {
                    #expect(error as? DispatchFailure == .ended(.exceededCPU))
                }
                #expect(try await workers.ask("a") == "a")
            }
            let records = await workers.seen.records(3 * 22)
            #expect(records.count { $0.outcome == .exceededCPU } == 3)
            #expect(workers.host.status(of: "a")?.errors == 3)
        }
    }

    @Test("Requests that were answered before another one took their thread with it have their answers")
    func answersOfLostTurn() async throws {
        try await withWorkers { workers in
            // All of them wait until the module is there, and are begun one after the other.
            try workers.install(
                "a",
                """
                await new Promise((resolve) => setTimeout(resolve, 200));
                export default { async fetch(request) {
                  if (!request.url.endsWith('hang')) return new Response('a');
                  \(LostThreadTests.unresponsive)
                } }
                """
            ) { $0.limits.cpu = .milliseconds(50) }
            let answers = (1...4).map { number in
                Task { () throws -> String in
                    while workers.host.status(of: "a")?.queued != number - 1 { await Task.yield() }
                    return try await workers.ask("a")
                }
            }
            while workers.host.status(of: "a")?.queued != 4 { await Task.yield() }
            await #expect(throws: DispatchFailure.ended(.exceededCPU)) { try await workers.ask("a", "/hang") }
            for answer in answers { #expect(try await answer.value == "a") }
            #expect(await workers.seen.records(5).count { $0.outcome == .ok } == 4)
        }
    }

    @Test("A handler that can never settle is told so, and not left to its limit")
    func stalled() async throws {
        try await withWorkers { workers in
            try workers.install("a", "export default { fetch: () => new Promise(() => {}) }")
            await #expect(throws: DispatchFailure.ended(.exception)) { try await workers.ask("a") }
            let record = await workers.seen.records(1)[0]
            #expect(record.error?.contains("never settles") == true)
        }
    }

    @Test("A handler that waits for its client's leaving alone waits for that, and no longer than it may")
    func waitsForClient() async throws {
        try await withWorkers { workers in
            let source = """
                export default { fetch: ({ signal }) => new Promise((resolve) => {
                  console.log('waits');
                  signal.addEventListener('abort', () => resolve(new Response(signal.reason.name)));
                }) }
                """
            try workers.install("a", source)
            let cancellation = DispatchCancellation()
            async let left = workers.ask("a") { $0.cancellation = cancellation }
            await workers.seen.lines(1)
            // Others that come and go do not end it.
            try workers.install("b", source) { $0.limits.wall = .milliseconds(30) }
            await #expect(throws: DispatchFailure.ended(.exceededWallTime)) {
                try await workers.ask("b") { $0.cancellation = DispatchCancellation() }
            }
            // Nobody can leave here, or nobody listens.
            await #expect(throws: DispatchFailure.ended(.exception)) { try await workers.ask("a") }
            try workers.install("c", "export default { fetch: ({ signal }) => new Promise(() => {}) }")
            await #expect(throws: DispatchFailure.ended(.exception)) {
                try await workers.ask("c") { $0.cancellation = DispatchCancellation() }
            }
            cancellation.cancel()
            #expect(try await left == "AbortError")
            // Its client has left before it begins.
            #expect(try await workers.ask("a") { $0.cancellation = cancellation } == "AbortError")
        }
    }

    @Test("One that does not go on when its client has left is told that it never settles")
    func deafToItsClient() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { fetch: ({ signal }) => new Promise(() => {
                  signal.onabort = () => {};
                  console.log('waits');
                }) }
                """)
            let cancellation = DispatchCancellation()
            let answer = Task { try await workers.ask("a") { $0.cancellation = cancellation } }
            await workers.seen.lines(1)
            cancellation.cancel()
            await #expect(throws: DispatchFailure.ended(.exception)) { try await answer.value }
            #expect(await workers.seen.records(1).last?.error?.contains("never settles") == true)
        }
    }

    @Test("A record has the most that the dispatch saw its isolate hold, not what others did before")
    func memoryPeaks() async throws {
        try await withWorkers { workers in
            try workers.install(
                "a",
                """
                export default { fetch({ url }) {
                  if (url.endsWith('heap')) { const kept = []; for (let i = 0; i < 2e6; i++) kept.push(i / 3); }
                  if (url.endsWith('buffer')) new Uint8Array(20 << 20).fill(1);
                  return new Response('x');
                } }
                """
            ) { $0.limits.cpu = .seconds(10) }
            for path in ["/", "/heap", "/buffer", "/"] { _ = try await workers.ask("a", path) }
            let usage = await workers.seen.records(4).map(\.usage)
            #expect(usage.allSatisfy { $0.heapPeakBytes > 100_000 })
            #expect(usage[0].heapPeakBytes < 12 << 20 && usage[0].externalPeakBytes < 1 << 20)
            #expect(usage[1].heapPeakBytes > 16 << 20 && usage[1].externalPeakBytes < 1 << 20)
            #expect(usage[2].externalPeakBytes >= 20 << 20 && usage[2].externalPeakBytes < 30 << 20)
        }
    }

    @Test("A version for whose trial there is no room is not said to be wrong")
    func noRoom() async throws {
        try await withWorkers(mostIsolates: 1, roomTime: .milliseconds(50)) { workers in
            try workers.install(
                "a",
                """
                export default { fetch: ({ signal }) => new Promise((resolve) => {
                  signal.addEventListener('abort', () => resolve(new Response()));
                  console.log('waits');
                }) }
                """)
            let cancellation = DispatchCancellation()
            async let held = workers.ask("a") { $0.cancellation = cancellation }
            await workers.seen.lines(1)
            let good = try TestWorkers.deployment("b", "export default { fetch: () => new Response('ok') }")
            let faults = await workers.host.check(good)
            #expect(faults.map(\.kind) == [.room], "\(faults)")
            cancellation.cancel()
            #expect(try await held == "")
            #expect(await workers.host.check(good) == [])
        }
    }

    @Test("The map of a large bundle is decoded at the first error, and not at its expense")
    func largeMap() async throws {
        let segments = Array(repeating: "AAAA,CAAC", count: 60_000).joined(separator: ",")
        let map = #"{"version":3,"sources":["real.ts"],"names":[],"mappings":";AAEA,\#(segments)"}"#
        let source = """
            export default { fetch(request) {
            throw new Error('here') } }
            //# sourceMappingURL=data:application/json;base64,\(Data(map.utf8).base64EncodedString())

            """
        try await withWorkers { workers in
            // Decoding takes seconds here, and a tenth of one in a release.
            var deployment = WorkerDeployment(
                name: "a", version: 1, identity: "a", main: "index.js", modules: ["index.js": source])
            deployment.limits.cpu = .milliseconds(200)
            workers.host.install(deployment)
            for _ in 0..<2 {
                await #expect(throws: DispatchFailure.ended(.exception)) { try await workers.ask("a") }
            }
            for record in await workers.seen.records(2) {
                #expect(record.stack?.contains("real.ts:3:") == true, "\(record)")
            }
        }
    }

    @Test("Modules that do not parse, throw, export nothing or never end are faults with places, and requests fail")
    func badModules() async throws {
        try await withWorkers { workers in
            let cases = [
                ("export default {", "SyntaxError"), ("throw new Error('at start')", "Error: at start"),
                ("export const x = 1", "no default export"), ("for (;;);", "CPU time"),
                ("await new Promise(() => {})", "nothing is left to resolve"),
                ("import './missing.js'; export default {}", "missing.js"),
            ]
            for (source, message) in cases {
                let deployment = try TestWorkers.deployment("a", source) { $0.startup = .milliseconds(300) }
                let faults = await workers.host.check(deployment)
                #expect(faults.first?.message.contains(message) == true, "\(faults)")
                workers.host.install(deployment)
                await #expect(throws: DispatchFailure.self) { try await workers.ask("a") }
            }
            let good = try TestWorkers.deployment("a", "export default { fetch: () => new Response('ok') }")
            #expect(await workers.host.check(good) == [])
            workers.host.install(good)
            #expect(try await workers.ask("a") == "ok")
        }
    }

    @Test("Idle isolates make room for those that are wanted, and come back when they are asked")
    func eviction() async throws {
        try await withWorkers(mostIsolates: 3) { workers in
            for number in 0..<9 {
                try workers.install("w\(number)", "export default { fetch: () => new Response('\(number)') }")
            }
            for _ in 0..<2 {
                for number in 0..<9 { #expect(try await workers.ask("w\(number)") == "\(number)") }
            }
            #expect(workers.host.status.isolates <= 3)
            #expect(workers.seen.records.allSatisfy { $0.outcome == .ok })
        }
    }

    @Test("More requests than may wait are refused, and the others are answered")
    func overload() async throws {
        try await withWorkers(mostQueued: 5) { workers in
            try workers.install(
                "a",
                """
                export default { async fetch() {
                  await new Promise((resolve) => setTimeout(resolve, 20));
                  return new Response('x');
                } }
                """
            ) { $0.concurrency = 1 }
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask { (try? await workers.ask("a")) == "x" }
                }
                return await group.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(outcomes.contains(true))
            #expect(outcomes.contains(false))
        }
    }

    @Test("Each dispatch has its own limit of host calls")
    func hostLimits() async throws {
        try await withWorkers { workers in
            let table = try HostTable([KeyValue(MemoryKeyValueStore())])
            let grant = Array(#"{"namespace":"n"}"#.utf8)
            let binding = try table.bind(KeyValue.name, as: "KV", json: grant)
            try workers.install(
                "a",
                """
                export default { async fetch(request, env) {
                  let n = 0;
                  try { for (;;) { await env.KV.get('k'); n++; } } catch (error) { return new Response(`${n} ${error.code}`); }
                } }
                """
            ) {
                $0.bindings = [binding]
                $0.hostLimits = HostLimits([.calls: 7])
                $0.limits.cpu = .seconds(2)
            }
            #expect(try await workers.ask("a") == "7 exhausted")
            #expect(try await workers.ask("a") == "7 exhausted")
            #expect(await workers.seen.records(2).map(\.usage.hostCalls) == [7, 7])
        }
    }
}
