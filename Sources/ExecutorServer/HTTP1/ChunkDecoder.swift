// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Takes the chunked coding (RFC 9112, 7.1) off a body: sizes in hexadecimal digits and nothing before or behind them
/// but extensions, each line ended by CR LF.
struct ChunkDecoder {
    private enum Position {
        case size
        case data(Int)
        case dataEnd
        case trailers
    }
    private var position = Position.size
    /// Bytes of size lines and trailers beyond the digits, of the whole body.
    private var overhead = 0
    private var trailers = 0

    enum Step {
        case needsMore
        case data(ByteBuffer)
        case ended
    }

    /// The next piece of the body, taken from `input`.
    mutating func next(_ input: inout ByteBuffer, _ limits: FrontLimits) throws(Refusal) -> Step {
        do throws(Stop) {
            while true {
                switch position {
                case .size:
                    let size = try takeSize(&input)
                    position = size == 0 ? .trailers : .data(size)
                case .data(let remaining):
                    let count = min(remaining, input.readableBytes)
                    guard count > 0, let piece = input.readSlice(length: count) else { return .needsMore }
                    position = count == remaining ? .dataEnd : .data(remaining - count)
                    return .data(piece)
                case .dataEnd:
                    try input.take { (bytes, reader) throws(Stop) in
                        guard try reader.takeLineEnd(bytes) else { throw .bad("more than a chunk's size") }
                    }
                    position = .size
                case .trailers:
                    if try takeTrailer(&input, limits) { return .ended }
                }
            }
        } catch {
            switch error {
            case .refused(let refusal): throw refusal
            case .incomplete:
                guard input.readableBytes <= limits.headBytes else { throw Refusal(431, "a chunk's line is too long") }
                return .needsMore
            }
        }
    }

    private mutating func takeSize(_ input: inout ByteBuffer) throws(Stop) -> Int {
        var size = 0
        var extra = 0
        try input.take { (bytes, reader) throws(Stop) in
            var index = reader.position
            while index < bytes.count, let digit = Octet.hexadecimal(bytes[index]) {
                guard index - reader.position < 15 else { throw .bad("a chunk's size is too large") }
                size = size << 4 | digit
                index += 1
            }
            guard index < bytes.count else { throw .incomplete }
            guard index > reader.position else { throw .bad("a chunk's size that is no hexadecimal number") }
            let start = index
            try Self.passExtensions(bytes, &index)
            extra = index - start
            reader.position = index
            guard try reader.takeLineEnd(bytes) else { throw .bad("a character behind a chunk's size") }
        }
        overhead += extra
        guard extra <= Self.longestExtension, overhead <= 16 << 10 else {
            throw .bad("the extensions of chunks are too long")
        }
        return size
    }

    private static let longestExtension = 1024

    /// `;NAME`, `;NAME=TOKEN` and `;NAME="TEXT"`, which say nothing here, without spaces.
    private static func passExtensions(_ bytes: Span<UInt8>, _ index: inout Int) throws(Stop) {
        let end = min(bytes.count, index + longestExtension)
        func passToken(_ index: inout Int) throws(Stop) {
            let start = index
            while index < end, Octet.isToken(bytes[index]) { index += 1 }
            guard index > start || index == bytes.count else { throw .bad("a chunk's extension that is none") }
        }
        while index < end, bytes[index] == UInt8(ascii: ";") {
            index += 1
            try passToken(&index)
            guard index < end, bytes[index] == UInt8(ascii: "=") else { continue }
            index += 1
            guard index < end, bytes[index] == UInt8(ascii: "\"") else {
                try passToken(&index)
                continue
            }
            index += 1
            while index < end, bytes[index] != UInt8(ascii: "\"") {
                guard Octet.isFieldContent(bytes[index]) else { throw .bad("a control in a chunk's extension") }
                index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
            }
            index += 1
        }
        guard index < bytes.count else {
            guard end == bytes.count else { throw .bad("a chunk's extension is too long") }
            throw .incomplete
        }
    }

    /// Whether the body ends here. Trailers are checked and dropped.
    private mutating func takeTrailer(_ input: inout ByteBuffer, _ limits: FrontLimits) throws(Stop) -> Bool {
        let before = input.readableBytes
        var isEnd = false
        try input.take { (bytes, reader) throws(Stop) in
            isEnd = try reader.takeLineEnd(bytes)
            if !isEnd { try Self.checkTrailer(bytes, reader.takeField(bytes).name) }
        }
        if isEnd { return true }
        overhead += before - input.readableBytes
        trailers += 1
        guard trailers <= limits.headerFields, overhead <= limits.headBytes else {
            throw .refused(Refusal(431, "the fields behind the body are too many"))
        }
        return false
    }
}

extension ChunkDecoder {
    /// What says how long a message is cannot come behind it (RFC 9110, 6.5.1).
    private static func checkTrailer(_ bytes: Span<UInt8>, _ name: Range<Int>) throws(Stop) {
        for framing in ["content-length", "transfer-encoding", "host"] where bytes.equalsAnyCase(name, framing) {
            throw .bad("a \(framing) behind the body")
        }
    }
}

extension ByteBuffer {
    /// Reads lines from the front; what was read is gone, unless it throws.
    mutating func take(_ body: (Span<UInt8>, inout LineReader) throws(Stop) -> Void) throws(Stop) {
        let used = try Self.read(readableBytesUInt8Span, body)
        moveReaderIndex(forwardBy: used)
    }

    private static func read(
        _ bytes: Span<UInt8>, _ body: (Span<UInt8>, inout LineReader) throws(Stop) -> Void
    ) throws(Stop) -> Int {
        var reader = LineReader()
        try body(bytes, &reader)
        return reader.position
    }
}
