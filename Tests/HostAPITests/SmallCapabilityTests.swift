// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import Testing

@Suite struct SmallCapabilityTests {
    @Test("Variables are read by grant; secrets are seen as placeholders")
    func environment() async throws {
        let secrets = try Secrets(["TOKEN": "s3cret-value"])
        let capability = Environment(["A": "1", "B": "2"], secrets: secrets)
        let host = try TestHost(capability, EnvironmentGrant(names: ["A", "TOKEN", "NONE"]))
        #expect(try await host.call("env.get", .string("A")) == .string("1"))
        #expect(try await host.call("env.get", .string("NONE")) == .undefined)
        #expect(try await host.call("env.get", .string("TOKEN")) == .string(try #require(secrets.placeholder("TOKEN"))))
        #expect(try await host.call("env.names").json == #"["A","TOKEN"]"#)
        for name in ["B", "", "a", "A\0", "A=", "PATH"] {
            #expect(await host.failure("env.get", .string(name)) == .denied)
        }
        for wrong: HostValue in [.undefined, .number(1), .bytes([0xff]), .string(String(repeating: "A", count: 5000))] {
            #expect(await host.failure("env.get", wrong) == .invalidArgument)
        }
        let none = try TestHost(capability, EnvironmentGrant(names: []))
        #expect(await none.failure("env.get", .string("A")) == .denied)
        #expect(try await none.call("env.names").json == "[]")
        let all = try TestHost(capability, EnvironmentGrant(names: nil))
        #expect(try await all.call("env.names").json == #"["A","B","TOKEN"]"#)
    }

    @Test("A log has its limits, says once that it is full, and holds no secret")
    func log() async throws {
        let lines = Recorder<LogLine>()
        let log = Log(redacting: try Secrets(["TOKEN": "s3cret"]), to: lines.add)
        let host = try TestHost(log, LogGrant(lines: 3, bytes: 40))
        #expect(try await host.call("log.write", .string("warn"), .string("my s3cret")) == .boolean(true))
        #expect(try await host.call("log.write", .string("log"), .string("x")) == .boolean(true))
        #expect(
            try await host.call("log.write", .string("log"), .string(String(repeating: "x", count: 41)))
                == .boolean(false))
        #expect(try await host.call("log.write", .string("log"), .string("short")) == .boolean(false))
        #expect(lines.items.map(\.text) == ["my [secret TOKEN]", "x", "the log is full: further lines are dropped"])
        #expect(lines.items.map(\.level) == [.warn, .log, .warn])
        #expect(lines.items.allSatisfy { $0.caller == "test" })
        for wrong: HostValue in [.undefined, .string("fatal"), .number(1), .string(String(repeating: "x", count: 100))]
        {
            #expect(await host.failure("log.write", wrong, .string("x")) == .invalidArgument)
        }
        #expect(await host.failure("log.write", .string("log"), .bytes([0xff])) == .invalidArgument)
        #expect(
            await host.failure("log.write", .string("log"), .string(String(repeating: "x", count: 1 << 21)))
                == .invalidArgument)
        let few = try TestHost(log, LogGrant(lines: 0))
        #expect(try await few.call("log.write", .string("log"), .string("")) == .boolean(false))
    }

    @Test("A clock stands where it is frozen, and is as coarse as it is granted")
    func clock() async throws {
        let clock = WallClock(now: { 1234.5678 })
        #expect(try await TestHost(clock, ClockGrant()).call("clock.now") == .number(1234.567))
        #expect(try await TestHost(clock, ClockGrant(resolution: 1000)).call("clock.now") == .number(1234))
        #expect(try await TestHost(clock, ClockGrant(frozenAt: 7, resolution: 1000)).call("clock.now") == .number(7))
        guard case .number(let now) = try await TestHost(WallClock(), ClockGrant()).call("clock.now") else { return }
        #expect(now > 1_700_000_000_000)
    }

    @Test("Seeded numbers are the same each time, others are not")
    func random() async throws {
        func bytes(_ grant: RandomGrant, _ count: Double) async throws -> HostValue {
            try await TestHost(Random(), grant).call("random.bytes", .number(count))
        }
        #expect(try await bytes(RandomGrant(seed: 1), 33) == bytes(RandomGrant(seed: 1), 33))
        #expect(try await bytes(RandomGrant(seed: 1), 33) != bytes(RandomGrant(seed: 2), 33))
        #expect(try await bytes(RandomGrant(), 33) != bytes(RandomGrant(), 33))
        #expect(try await bytes(RandomGrant(seed: 1), 0) == .bytes([]))
        // The published sequence of SplitMix64 for the seed 1234567.
        #expect(
            try await bytes(RandomGrant(seed: 1_234_567), 8)
                == .bytes([0x85, 0xfc, 0x08, 0xfb, 0x17, 0xd0, 0x9e, 0x59]))
        let host = try TestHost(Random(), RandomGrant(seed: 3))
        for _ in 0..<100 {
            guard case .number(let number) = try await host.call("random.number") else {
                Issue.record("no number")
                return
            }
            #expect((0..<1).contains(number))
        }
        for wrong: HostValue in [.undefined, .number(-1), .number(65537), .number(1.5), .number(.nan), .string("1")] {
            #expect(await host.failure("random.bytes", wrong) == .invalidArgument)
        }
    }

    @Test("The system's clock, and numbers that follow from no seed, can be had in another process; nothing else")
    func portable() throws {
        let table = try HostTable([Environment([:]), Log(to: { _ in }), WallClock(), Random()])
        let clock = try table.bind(WallClock.self, as: "CLOCK", grant: ClockGrant(frozenAt: 7))
        let grant = try JSONDecoder().decode(ClockGrant.self, from: Data(try #require(clock.portableGrant)))
        #expect(grant == ClockGrant(frozenAt: 7))
        #expect(try table.bind(Random.self, as: "RANDOM", grant: RandomGrant()).portableGrant != nil)
        // Its numbers go on where they were, whoever asks.
        #expect(try table.bind(Random.self, as: "RANDOM", grant: RandomGrant(seed: 1)).portableGrant == nil)
        #expect(try table.bind(Log.self, as: "LOG", grant: LogGrant()).portableGrant == nil)
        #expect(try table.bind(Environment.self, as: "ENV", grant: EnvironmentGrant(names: nil)).portableGrant == nil)
        let own = try HostTable([WallClock(now: { 1 })])
        #expect(try own.bind(WallClock.self, as: "CLOCK", grant: ClockGrant()).portableGrant == nil)
    }

    @Test(
        "A capability that is not bound cannot be called",
        arguments: ["env.get", "log.write", "clock.now", "random.bytes", "random.number", "env.names"])
    func unbound(operation: String) throws {
        let table = try HostTable([Environment([:]), Log(to: { _ in }), WallClock(), Random()])
        let scope = CallScope(caller: "x", bindings: [])
        let error = #expect(throws: HostError.self) {
            try scope.callNow(try #require(table.index(of: operation)), on: 0, argumentBytes: 0) {
                () throws(HostError) in []
            }
        }
        #expect(error?.code == .denied)
    }

    @Test("Small grants are read strictly")
    func strictness() throws {
        func fails<G: HostGrant>(_ type: G.Type, _ text: String) -> Bool {
            (try? JSONDecoder().decode(type, from: Data(text.utf8))) == nil
        }
        #expect(fails(EnvironmentGrant.self, #"{"name":["A"]}"#))
        #expect(fails(LogGrant.self, #"{"line":1}"#))
        #expect(fails(ClockGrant.self, #"{"frozen":1}"#))
        #expect(fails(RandomGrant.self, #"{"seed":-1}"#))
        #expect(fails(FileGrant.self, #"{"reads":["."]}"#))
        #expect(fails(FileGrant.self, #"{"read":["../x"]}"#))
        #expect(fails(KeyValueGrant.self, #"{"namespaces":["a"]}"#))
        #expect(fails(KeyValueGrant.self, #"{"namespace":"A B"}"#))
        let links = try JSONDecoder().decode(KeyValueGrant.self, from: Data(#"{"type":"kv","namespace":"links"}"#.utf8))
        #expect(try links == .namespace("links"))
        let files = try JSONDecoder().decode(
            FileGrant.self, from: Data(#"{"type":"files","read":["public"],"write":[]}"#.utf8))
        #expect(files == FileGrant(read: ["public"]))
    }
}
