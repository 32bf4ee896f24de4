// SPDX-License-Identifier: Apache-2.0

/// The arguments of a call, read by position. What is missing is `undefined`.
public struct HostArguments: Sendable {
    /// All of them.
    public let values: [HostValue]
    let operation: String

    init(_ values: [HostValue], of operation: String) {
        self.values = values
        self.operation = operation
    }

    /// The argument at a position.
    public subscript(_ index: Int) -> HostValue { values.indices.contains(index) ? values[index] : .undefined }

    /// Whether the argument is left out: missing, `undefined` or `null`.
    public func isAbsent(_ index: Int) -> Bool { self[index] == .undefined || self[index] == .null }

    /// A string.
    /// - Throws: `invalidArgument` for anything else, or where it is longer than `most` bytes of UTF-8.
    public func string(_ index: Int, most: Int = .max) throws(HostError) -> String {
        guard case .string(let text) = self[index] else { throw mismatch(index, "a string") }
        guard text.utf8.count <= most else { throw tooLong(index, text.utf8.count, most) }
        return text
    }

    /// Bytes, or a string as UTF-8.
    /// - Throws: `invalidArgument` for anything else, or where there are more than `most` bytes.
    public func bytes(_ index: Int, most: Int = .max) throws(HostError) -> [UInt8] {
        let bytes: [UInt8]
        switch self[index] {
        case .bytes(let value): bytes = value
        case .string(let text): bytes = Array(text.utf8)
        default: throw mismatch(index, "bytes or a string")
        }
        guard bytes.count <= most else { throw tooLong(index, bytes.count, most) }
        return bytes
    }

    /// A number.
    /// - Throws: `invalidArgument` for anything else.
    public func number(_ index: Int) throws(HostError) -> Double {
        guard case .number(let number) = self[index] else { throw mismatch(index, "a number") }
        return number
    }

    /// A whole number in a range.
    /// - Throws: `invalidArgument` for anything else.
    public func integer(_ index: Int, in range: ClosedRange<Int> = 0...(1 << 53)) throws(HostError) -> Int {
        guard case .number(let number) = self[index], let value = Int(exactly: number), range.contains(value) else {
            throw mismatch(index, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// `true` or `false`.
    /// - Throws: `invalidArgument` for anything else.
    public func boolean(_ index: Int) throws(HostError) -> Bool {
        guard case .boolean(let flag) = self[index] else { throw mismatch(index, "true or false") }
        return flag
    }

    /// Decodes an argument.
    /// - Throws: `invalidArgument` where it is of another shape.
    public func decode<T: Decodable>(_ index: Int, as type: T.Type) throws(HostError) -> T {
        do throws(HostError) {
            return try self[index].decode(type)
        } catch {
            throw invalid(index, error.message)
        }
    }

    /// The error for an argument: `what` follows "argument 1 of kv.get".
    public func invalid(_ index: Int, _ what: String) -> HostError {
        HostError(.invalidArgument, "argument \(index + 1) of \(operation) \(what)")
    }

    private func mismatch(_ index: Int, _ expected: String) -> HostError {
        guard case .number(let number) = self[index] else {
            return invalid(index, "must be \(expected), not \(self[index].kind)")
        }
        return invalid(index, "must be \(expected), not \(number)")
    }

    private func tooLong(_ index: Int, _ count: Int, _ most: Int) -> HostError {
        invalid(index, "has \(count) bytes; at most \(most) are taken")
    }
}
