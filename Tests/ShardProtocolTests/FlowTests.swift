// SPDX-License-Identifier: Apache-2.0
import ShardProtocolSupport
import Testing

@testable import ShardProtocol

@Suite("Credit")
struct FlowTests {
    @Test("Writer and reader never disagree, and all bytes pass", arguments: 0..<30 as Range<UInt64>)
    func law(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed)
        let size = 4096 + generator.pick(10_000)
        var sender = SendWindow(size: size)
        var receiver = ReceiveWindow(size: size)
        var inFlight = 0
        var credits: [Int] = []
        var left = 200_000
        for _ in 0..<100_000 where left > 0 || receiver.held > 0 || inFlight > 0 {
            switch generator.pick(4) {
            case 0:
                let count = sender.take(atMost: min(left, 1 + generator.pick(3000)))
                left -= count
                inFlight += count
            case 1:
                let count = min(inFlight, generator.pick(3000))
                try receiver.receive(count)
                inFlight -= count
            case 2: if let credit = receiver.use(generator.pick(receiver.held + 1)) { credits.append(credit) }
            default: if !credits.isEmpty { try sender.grant(credits.removeFirst()) }
            }
            // What may be written, is under way, is held, is used but not said, or is said but not heard: a window.
            #expect(
                sender.available + inFlight + receiver.held + receiver.unreported + credits.reduce(0, +) == size)
            #expect(receiver.held <= size)
        }
        #expect(left == 0)
    }

    @Test("More than there is credit for is a fault")
    func overrun() throws {
        var window = ReceiveWindow(size: 4096)
        try window.receive(4000)
        let error = #expect(throws: ProtocolError.self) { try window.receive(97) }
        #expect(error?.code == .credit)
        try window.receive(96)
    }

    @Test("Credit for nothing, and for more than was written, is a fault", arguments: [0, -1, 101, Int.max])
    func badCredit(_ count: Int) {
        var window = SendWindow(size: 4096)
        #expect(window.take(atMost: 100) == 100)
        #expect(throws: ProtocolError.self) { try window.grant(count) }
    }

    @Test("A reader that uses little by little says so seldom")
    func fewCredits() throws {
        var window = ReceiveWindow(size: 65536)
        try window.receive(30_000)
        var credits = 0
        for _ in 0..<30_000 where window.use(1) != nil { credits += 1 }
        #expect(credits <= 1)
    }
}
