// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Synchronization
import Testing

@Suite("Small bindings", .leavesNoIsolates) struct SmallBindingTests {
    @Test("Clock and random numbers are the host's")
    func clockAndRandom() async throws {
        var host = try BindingHost(WallClock(now: { 1234.5 }), as: "CLOCK", grant: ClockGrant())
        try host.add(Random(), as: "RANDOM", grant: RandomGrant(seed: 1))
        let seen = try await host.value(
            """
            const { CLOCK, RANDOM } = env;
            const bytes = RANDOM.bytes(9);
            const number = RANDOM.number();
            return [
              Math.floor(CLOCK.now()), bytes.constructor === Uint8Array, bytes.length, number >= 0 && number < 1,
              await show(() => RANDOM.bytes(70000)), await show(() => RANDOM.bytes()), await show(() => CLOCK.now.call({})),
              String(CLOCK), String(RANDOM),
            ];
            """)
        #expect(
            seen
                == """
                [1234,true,9,true,"CapabilityError invalidArgument: argument 1 of random.bytes must be a whole number from \
                0 to 65536, not 70000.0","TypeError -: Random.bytes: 1 argument required, but only 0 present",\
                "TypeError -: Illegal invocation","[object Clock]","[object Random]"]
                """)
    }

    @Test("Lines of log are formatted as console does it")
    func log() async throws {
        let lines = LogKeeper()
        let host = try BindingHost(
            Log(to: { lines.add("\($0.level): \($0.text)") }), as: "LOG",
            grant: LogGrant(lines: 4))
        let seen = try await host.value(
            """
            const { LOG } = env;
            return [
              LOG.info('a'), LOG.error('%d of %s', 1, 'x', { a: 1 }), LOG.write('warn', 5), LOG.debug(),
              LOG.log('too much'), await show(() => LOG.write('loud', 'x')), await show(() => LOG.write('warn')),
            ];
            """)
        #expect(
            seen
                == #"""
                [true,true,true,true,false,"CapabilityError invalidArgument: argument 1 of log.write must be one of debug, \#
                log, info, warn, error, not \"loud\"","TypeError -: Log.write: 2 arguments required, but only 1 present"]
                """#)
        #expect(
            lines.all == [
                "info: a", "error: 1 of x { a: 1 }", "warn: 5", "debug: ",
                "warn: the log is full: further lines are dropped",
            ])
    }

    @Test("Variables are read by name")
    func variables() async throws {
        let host = try BindingHost(
            Environment(["A": "1", "B": "2", "C": "3"]), as: "VARS", grant: EnvironmentGrant(names: ["A", "B", "X"]))
        let seen = try await host.value(
            """
            const { VARS } = env;
            return [
              VARS.get('A'), VARS.get('X') ?? null, VARS.names(), await show(() => VARS.get('C')),
              await show(() => VARS.get()),
            ];
            """)
        #expect(
            seen
                == #"""
                ["1",null,["A","B"],"CapabilityError denied: the variable \"C\" is not granted; an env grant of that name \#
                would allow it","TypeError -: Environment.get: 1 argument required, but only 0 present"]
                """#)
    }

    @Test("A script may put something else in the place of a binding; the next env has it again")
    func replaced() async throws {
        let host = try BindingHost(WallClock(now: { 1 }), as: "CLOCK", grant: ClockGrant())
        let seen = try await host.value(
            """
            const { CLOCK } = env;
            env.CLOCK = 5;
            const descriptor = Object.getOwnPropertyDescriptor(env, 'CLOCK');
            return [
              descriptor.value, descriptor.enumerable, Object.keys(env), Object.getPrototypeOf(env) === Object.prototype,
              delete env.CLOCK, 'CLOCK' in env, CLOCK.now(),
            ];
            """)
        #expect(seen == #"[5,true,["CLOCK"],true,true,false,1]"#)
    }
}

private final class LogKeeper: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { lines.withLock { $0 } }
    func add(_ line: String) { lines.withLock { $0.append(line) } }
}
