// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ExecutorCommands

@Suite("Server-sent events")
struct ServerSentEventsTests {
    private static let text =
        "\u{feff}event: line\r\ndata: a\r\n\r\n: comment\n\ndata:b\ndata: c\nid: 7\n\nevent: x\n\ndata\rdata\r\rdata: é"
    private static let events = [
        ServerSentEvent(type: "line", data: "a"), ServerSentEvent(type: "message", data: "b\nc"),
        ServerSentEvent(type: "message", data: "\n"),
    ]

    @Test("Events are the same however the stream is cut", arguments: [1, 2, 3, 7, 1000])
    func pieces(_ size: Int) {
        let bytes = Array(Self.text.utf8)
        var parser = ServerSentEvents()
        var events: [ServerSentEvent] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            events += parser.read(Array(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(events == Self.events)
    }

    @Test("A line or an event that never ends takes no more memory than the most")
    func bounded() {
        var parser = ServerSentEvents()
        let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        _ = parser.read(Array("data: ".utf8))
        for _ in 0..<8 { #expect(parser.read(block).isEmpty) }
        let events = parser.read(Array("\n\ndata: next\n\n".utf8))
        #expect(events.map(\.data.utf8.count).allSatisfy { $0 <= ServerSentEvents.mostBytes })
        #expect(events.last?.data == "next")
    }
}
