// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import WorkerTypes

extension ByteBuffer {
    /// Writes a frame around what `body` writes.
    /// - Throws: `tooLarge` where it is larger than its kind may be; then nothing is written.
    mutating func writeFrame(
        _ kind: FrameKind, flags: UInt8 = 0, id: UInt32 = 0, _ body: (inout ByteBuffer) -> Void = { _ in }
    ) throws(ProtocolError) {
        let start = writerIndex
        write(atMost: FrameHeader.size) { header in
            header.add(UInt32(0))
            header.add(kind.rawValue)
            header.add(flags)
            header.add(id)
        }
        body(&self)
        let length = writerIndex - start - FrameHeader.size
        guard length <= kind.mostBytes else {
            moveWriterIndex(to: start)
            throw ProtocolError(.tooLarge, "a frame \(kind) of \(length) bytes; at most \(kind.mostBytes)")
        }
        setInteger(UInt32(length), at: start, endianness: .little)
    }

    /// Writes numbers of fixed width: one look at the room there is for all of them.
    /// - Parameter most: their bytes at the most.
    mutating func write(atMost most: Int, _ body: (inout OutputRawSpan) -> Void) {
        unsafe writeWithUnsafeMutableBytes(minimumWritableBytes: most) { room in
            var numbers = unsafe OutputRawSpan(buffer: room, initializedCount: 0)
            body(&numbers)
            return unsafe numbers.finalize(for: room)
        }
    }

    mutating func write(_ number: some FixedWidthInteger) { writeInteger(number, endianness: .little) }
    mutating func write(count: Int) { write(UInt64(max(0, count))) }
    mutating func write(_ number: Double) { write(number.bitPattern) }
    mutating func write(_ flag: Bool) { write(UInt8(flag ? 1 : 0)) }

    mutating func write(_ bytes: [UInt8]) {
        write(UInt32(clamping: bytes.count))
        writeBytes(bytes)
    }

    mutating func write(_ text: String) {
        let place = writerIndex
        write(UInt32(0))
        let length = writeString(text)
        setInteger(UInt32(clamping: length), at: place, endianness: .little)
    }

    /// A text of which no more than `most` bytes count.
    mutating func write(_ text: String, atMost most: Int) {
        guard text.utf8.count > most else { return write(text) }
        var end = text.utf8.index(text.startIndex, offsetBy: max(0, most - 3))
        // Not in the middle of a character.
        while end > text.startIndex, text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
        write(String(text[..<end]) + "…")
    }

    mutating func write<T>(optional value: T?, _ body: (inout ByteBuffer, T) -> Void) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    mutating func write<T>(list: [T], _ body: (inout ByteBuffer, T) -> Void) {
        write(UInt32(clamping: list.count))
        for element in list { body(&self, element) }
    }

    mutating func write<T: Equatable>(_ choice: T, of list: [T]) { write(UInt8(list.firstIndex(of: choice) ?? 0)) }
}

extension OutputRawSpan {
    /// Adds a number, the lowest byte first.
    mutating func add<T: FixedWidthInteger & BitwiseCopyable>(_ number: T) {
        unsafe append(number.littleEndian, as: T.self)
    }

    /// Adds a number from 0 on, of 8 bytes.
    mutating func add(count: Int) { add(UInt64(max(0, count))) }
}

/// The cases of enums in the order of their numbers, each list made once.
enum WireChoices {
    static let errorCodes = HostError.Code.allCases
    static let outcomes = Outcome.allCases
    static let starts = RequestRecord.Start.allCases
    static let limits = ApproachedLimit.allCases
    static let refusals = RunAnswer.Refusal.allCases
}
