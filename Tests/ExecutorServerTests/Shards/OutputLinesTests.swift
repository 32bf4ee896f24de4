// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import ExecutorServer

@Suite("What a shard writes, as lines")
struct OutputLinesTests {
    private static let minute = OutputLines.window

    @Test("Lines come when they end, however they were written; the last one with the end")
    func lines() {
        var lines = OutputLines()
        #expect(lines.take("one\ntw".utf8, at: 0) == ["one"])
        #expect(lines.take("o".utf8, at: 0) == [])
        #expect(lines.take("\n\n \r\nthree\n# Fatal".utf8, at: 0) == ["two", "three"])
        #expect(lines.finish(at: 0) == ["# Fatal"])
    }

    @Test("A long line is cut, and what is no UTF-8 does no harm")
    func long() {
        var lines = OutputLines()
        let line = lines.take([UInt8](repeating: 0x61, count: 1 << 20) + [0x0a], at: 0)
        #expect(line == [String(repeating: "a", count: OutputLines.mostOfLine)])
        #expect(lines.take([0xff, 0xc3, 0x0a], at: 0) == ["\u{fffd}\u{fffd}"])
    }

    @Test("Who floods is left out until the minute is over, and it is said twice", arguments: [1, 10, 1000])
    func flood(_ length: Int) {
        var lines = OutputLines()
        let line = [UInt8](repeating: 0x61, count: length) + [0x0a]
        var said: [String] = []
        for _ in 0..<10_000 { said += lines.take(line, at: 5) }
        #expect(said.reduce(0) { $0 + $1.utf8.count } < OutputLines.most + 100)
        #expect(said.count < OutputLines.most / 32)
        #expect(said.last == "(it writes more than 64 KiB in a minute: the rest is left out)")
        let passed = said.count - 1
        #expect(lines.take("again\n".utf8, at: 4 + Self.minute) == [])
        #expect(
            lines.take("again\n".utf8, at: 5 + Self.minute) == [
                "(\(10_001 - passed) lines were left out)", "again",
            ])
    }

    @Test("What was left out is counted at the end")
    func floodToTheEnd() {
        var lines = OutputLines()
        for _ in 0..<100 { _ = lines.take([UInt8](repeating: 0x61, count: 1000) + [0x0a], at: 0) }
        let said = lines.finish(at: 1)
        #expect(said.count == 1 && said[0].hasSuffix(" lines were left out)"), "\(said)")
    }
}
