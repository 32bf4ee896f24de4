// SPDX-License-Identifier: Apache-2.0

/// What a process writes on its standard error, as lines for ours, as a value: nothing that it writes fills the log.
struct OutputLines: Sendable {
    /// Bytes of a line; the rest of it is left out.
    static let mostOfLine = 1 << 10
    /// Bytes of lines in a window; further lines are left out.
    static let most = 64 << 10
    /// In nanoseconds: a minute.
    static let window: UInt64 = 60_000_000_000
    /// What a line costs besides its bytes: what stands around it in the log.
    private static let costOfLine = 32

    /// That has not ended yet.
    private var line: [UInt8] = []
    private var windowEnd: UInt64 = 0
    private var left = 0
    private var leftOut = 0

    /// Takes what it has written.
    /// - Parameter now: of a monotonic clock, in nanoseconds.
    /// - Returns: the lines that ended with it, without line ends; nothing else is cleaned.
    mutating func take(_ bytes: some Sequence<UInt8>, at now: UInt64) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == 0x0a {
                end(&lines, now)
            } else if line.count < Self.mostOfLine {
                line.append(byte)
            }
        }
        return lines
    }

    /// It writes nothing more.
    mutating func finish(at now: UInt64) -> [String] {
        var lines: [String] = []
        end(&lines, now)
        noteLeftOut(&lines)
        return lines
    }

    private mutating func end(_ lines: inout [String], _ now: UInt64) {
        defer { line.removeAll(keepingCapacity: true) }
        // V8's last words have empty lines between them.
        guard line.contains(where: { $0 != 0x20 && $0 != 0x0d }) else { return }
        if now >= windowEnd {
            noteLeftOut(&lines)
            (left, windowEnd) = (Self.most, now + Self.window)
        }
        let cost = line.count + Self.costOfLine
        if leftOut == 0, cost <= left {
            left -= cost
            return lines.append(String(decoding: line, as: UTF8.self))
        }
        if leftOut == 0 {
            lines.append("(it writes more than \(Self.most >> 10) KiB in a minute: the rest is left out)")
        }
        leftOut += 1
    }

    private mutating func noteLeftOut(_ lines: inout [String]) {
        if leftOut > 0 { lines.append("(\(leftOut) lines were left out)") }
        leftOut = 0
    }
}
