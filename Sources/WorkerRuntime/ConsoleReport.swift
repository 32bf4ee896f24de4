// SPDX-License-Identifier: Apache-2.0

/// The console lines of a run, up to a bound; what is more is dropped, and said once.
package struct ConsoleReport: Sendable {
    /// In their order.
    package private(set) var lines: [ConsoleLine] = []
    private let capacity: Int
    private var size = 0
    private var isFull = false

    /// - Parameter capacity: the most bytes of the lines, and 64 for each.
    package init(capacity: Int = 16 << 20) { self.capacity = capacity }

    /// Takes a line.
    package mutating func keep(_ line: ConsoleLine) {
        guard !isFull else { return }
        size += line.message.utf8.count + 64
        isFull = size > capacity
        let bound = capacity >= 1 << 20 ? "\(capacity >> 20) MiB" : "\(capacity) bytes"
        let message = isFull ? "console output past \(bound) was dropped" : line.message
        lines.append(isFull ? ConsoleLine(level: "warn", message: message, time: line.time) : line)
    }
}
