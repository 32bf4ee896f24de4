// SPDX-License-Identifier: Apache-2.0
import HostAPI
import Testing

@Suite("Trace context")
struct TraceContextTests {
    static let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test("A traceparent is read and written")
    func parses() throws {
        let context = try #require(TraceContext(Self.text))
        #expect(context.trace == 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736 && context.parent == 0x00f0_67aa_0ba9_02b7)
        #expect(context.isSampled && context.text == Self.text)
        #expect(context.traceText == "4bf92f3577b34da6a3ce929d0e0e4736")
        let source = TraceSource()
        let child = context.child(from: source)
        #expect(child.trace == context.trace && child.parent != context.parent && child.isSampled)
        #expect(TraceContext(child.text) == child)
    }

    @Test("A later version is read as far as it is known, and sent on as version 00")
    func laterVersion() {
        for tail in ["", "-", "-what-is-this"] {
            let text = "cc" + Self.text.dropFirst(2) + tail
            #expect(TraceContext(text)?.text == Self.text, "\(text)")
        }
        #expect(TraceContext("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff")?.flags == 3)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
            " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.x",
            "00-4bf92f3577b34da6a3ce929d0e0e473é-00f067aa0ba902b7-01",
        ])
    func refuses(text: String) {
        #expect(TraceContext(text) == nil)
    }

    @Test("Ids are not zero and do not come twice")
    func identifiers() {
        let source = TraceSource()
        var seen: Set<UInt64> = []
        for _ in 0..<10_000 { seen.insert(source.next()) }
        #expect(seen.count == 10_000 && !seen.contains(0))
        let (one, two) = (TraceContext(from: source), TraceContext(from: source, isSampled: true))
        #expect(one.trace != two.trace && !one.isSampled && two.isSampled)
    }

    @Test("A message's fields make one, with their state where it is sound")
    func fields() {
        func made(_ fields: [String: [String]]) -> TraceContext? { TraceContext { fields[$0] ?? [] } }
        #expect(made([:]) == nil)
        #expect(made(["tracestate": ["a=1"]]) == nil)
        #expect(made(["traceparent": ["x"], "tracestate": ["a=1"]]) == nil)
        #expect(made(["traceparent": [Self.text]])?.state == nil)
        #expect(made(["traceparent": [Self.text], "tracestate": ["a=1", "", "b=2"]])?.state == "a=1,b=2")
        for state in ["a=\u{e9}", "a=\n", String(repeating: "a", count: 3000)] {
            let context = made(["traceparent": [Self.text], "tracestate": [state]])
            #expect(context != nil && context?.state == nil)
        }
        let context = made(["traceparent": [Self.text], "tracestate": ["a=1"]])
        #expect(context?.child(from: TraceSource()).state == "a=1")
    }
}
