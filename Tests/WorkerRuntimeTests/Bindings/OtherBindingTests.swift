// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Support
import Testing

@Suite("Bindings of an embedder's own capabilities", .leavesNoIsolates) struct OtherBindingTests {
    private let host: BindingHost

    init() throws { host = try BindingHost(Oddments(), as: "ODD", grant: WholeGrant()) }

    @Test("An object has a method for each operation; those that answer at once return the answer")
    func methods() async throws {
        let seen = try await host.value(
            """
            const { ODD } = env;
            const later = ODD.describe(1);
            return [
              Object.keys(ODD).sort(), ODD.add(1, 2), later instanceof Promise, await later, ODD.describe.name,
              await show(() => ODD.add('x')), await show(() => ODD.fail()), await show(() => ODD.describe(() => {})),
              await show(() => ODD.describe(1n)),
            ];
            """)
        #expect(
            seen
                == """
                [["add","chunks","collect","describe","fail"],3,true,"number 1.0","describe",\
                "CapabilityError invalidArgument: argument 1 of oddments.add must be a number, not a string",\
                "CapabilityError conflict: no","TypeError -: ODD.describe: argument 1 is nothing that JSON can say",\
                "TypeError -: Do not know how to serialize a BigInt"]
                """)
    }

    @Test("Arguments arrive as they are: primitives, bytes, anything else as JSON")
    func arguments() async throws {
        let seen = try await host.value(
            """
            const { ODD } = env;
            return [
              await ODD.describe(), await ODD.describe(null, true, 'x'), await ODD.describe(new Uint8Array([1, 2]), new ArrayBuffer(3)),
              await ODD.describe({ a: [1] }, [], new Date(0)),
            ];
            """)
        #expect(
            seen
                == #"""
                ["","null, boolean true, string x","bytes 2, bytes 3",\#
                "json {\"a\":[1]}, json [], json \"1970-01-01T00:00:00.000Z\""]
                """#)
    }

    @Test("Streams go in last, and come out")
    func streams() async throws {
        let seen = try await host.value(
            """
            const { ODD } = env;
            const stream = new ReadableStream({ start(c) { c.enqueue('ab'); c.enqueue(new Uint8Array([99])); c.close(); } });
            const { 0: count, 1: out, length } = await ODD.chunks(3);
            const locked = new ReadableStream();
            locked.getReader();
            return [
              await ODD.collect('>', stream), count, length, await new Response(out).text(),
              await show(() => ODD.collect(stream, 'x')), await show(() => ODD.collect('', locked)),
              await show(() => ODD.collect('', new ReadableStream({ pull(c) { c.error(new Error('broken')) } }))),
              await show(() => ODD.collect('', new ReadableStream({ start(c) { c.enqueue(5) } }))),
            ];
            """)
        #expect(
            seen
                == """
                [">abc",3,2,"xxx","TypeError -: ODD.collect: argument 1 is a stream; only the last argument may be one",\
                "TypeError -: The stream is locked to a reader","Error -: broken",\
                "TypeError -: A chunk of what is written is neither text nor bytes"]
                """)
    }
}
