// SPDX-License-Identifier: Apache-2.0

/// Why a text is no cron expression.
public struct CronError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the fault begins: the first byte of the text is 1.
    public let column: Int
    /// What is wrong there.
    public let fault: String
    /// What would be right.
    public let hint: String

    init(_ column: Int, _ fault: String, hint: String) {
        self.column = column
        self.fault = fault
        self.hint = hint
    }

    /// The fault, its place and the hint.
    public var description: String { "column \(column): \(fault); \(hint)" }
}
