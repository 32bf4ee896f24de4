// SPDX-License-Identifier: Apache-2.0

/// How much may be written before the reader has to say more.
public struct SendWindow: Sendable, Hashable {
    /// Bytes that may be written now.
    public private(set) var available: Int
    private let size: Int

    /// A window that is all open. The reader never gives more credit than its size.
    public init(size: Int) {
        self.size = size
        available = size
    }

    /// Takes up to so many bytes.
    public mutating func take(atMost count: Int) -> Int {
        let taken = max(0, min(count, available))
        available -= taken
        return taken
    }

    /// The reader has used this much.
    /// - Throws: `credit`, for none, or for more than was written.
    public mutating func grant(_ count: Int) throws(ProtocolError) {
        guard count > 0, count <= size - available else {
            throw ProtocolError(
                .credit, "credit of \(count) bytes, where \(available) of \(size) may be written already")
        }
        available += count
    }
}

/// How much the writer may still send, and what it is to be told.
public struct ReceiveWindow: Sendable, Hashable {
    /// Bytes that may come.
    public private(set) var open: Int
    /// Bytes that were used, of which the writer does not know yet.
    public private(set) var unreported = 0
    private let size: Int

    /// A window that is all open.
    public init(size: Int) {
        self.size = size
        open = size
    }

    /// Bytes that came and are not used.
    public var held: Int { size - open - unreported }

    /// Bytes have come.
    /// - Throws: `credit`, where they are too many.
    public mutating func receive(_ count: Int) throws(ProtocolError) {
        guard count <= open else { throw ProtocolError(.credit, "\(count) bytes, where \(open) may come") }
        open -= count
    }

    /// Bytes that came are used; more than came do not count.
    /// - Returns: the credit to give now: half a window at a time, so that few frames go back.
    public mutating func use(_ count: Int) -> Int? {
        unreported += max(0, min(count, held))
        guard unreported > 0, unreported >= size / 2 || open < size / 4 else { return nil }
        defer { unreported = 0 }
        open += unreported
        return unreported
    }
}
