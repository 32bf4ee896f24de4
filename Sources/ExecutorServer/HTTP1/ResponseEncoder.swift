// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// What a script's header fields say, and which of them go out.
struct ResponseFields {
    /// The fields that go out.
    private(set) var places: [(name: Range<Int>, value: Range<Int>)] = []
    /// A `content-length` that was given.
    private(set) var length: Int?

    init(_ head: ResponseHead) {
        let bytes = head.headers.bytes.span
        for field in head.headers.fields {
            if let known = Known(bytes, field.name) {
                if known == .length { length = Self.number(bytes, field.value) }
                continue
            }
            if Self.isField(bytes, field.name, field.value) { places.append(field) }
        }
    }

    private static func isField(_ bytes: Span<UInt8>, _ name: Range<Int>, _ value: Range<Int>) -> Bool {
        for index in name where !Octet.isToken(bytes[index]) { return false }
        for index in value where !Octet.isFieldContent(bytes[index]) { return false }
        return !name.isEmpty
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
        guard (1...18).contains(range.count) else { return nil }
        var number = 0
        for index in range {
            guard Octet.isDigit(bytes[index]) else { return nil }
            number = number * 10 + Int(bytes[index] &- UInt8(ascii: "0"))
        }
        return number
    }

    /// Fields that are the front's own.
    private enum Known {
        case length
        case own

        init?(_ bytes: Span<UInt8>, _ name: Range<Int>) {
            let own: String
            switch name.count {
            case 4: own = "date"
            case 7: own = Octet.lowercase(bytes[name.lowerBound]) == UInt8(ascii: "u") ? "upgrade" : "trailer"
            case 10: own = Octet.lowercase(bytes[name.lowerBound]) == UInt8(ascii: "c") ? "connection" : "keep-alive"
            case 14:
                guard bytes.equalsAnyCase(name, "content-length") else { return nil }
                self = .length
                return
            case 16: own = "proxy-connection"
            case 17: own = "transfer-encoding"
            default: return nil
            }
            guard bytes.equalsAnyCase(name, own) else { return nil }
            self = .own
        }
    }
}

/// The lines that begin a response of HTTP/1.
enum ResponseEncoder {
    /// The lines of the front's own at the end of a head.
    struct Ending {
        var length: Int?
        var isChunked = false
        var connection: Connection?

        enum Connection {
            case close
            case keepAlive
        }
    }

    static func write(
        status: Int, _ head: ResponseHead, _ fields: ResponseFields, _ ending: Ending, ownLines: [UInt8],
        into buffer: inout ByteBuffer
    ) {
        let block = head.headers.bytes
        // A field grows by two bytes; the other lines have fewer than 256 together.
        let most = block.count + fields.places.count * 2 + ownLines.count + 256
        buffer.writeWithOutputRawSpan(minimumWritableBytes: most) { (out: inout OutputRawSpan) in
            let bytes = block.span
            out.write(StatusLine.bytes(status))
            for field in fields.places {
                for index in field.name { out.append(bytes[index]) }
                out.append(Octet.colon)
                out.append(Octet.space)
                for index in field.value { out.append(bytes[index]) }
                out.append(Octet.cr)
                out.append(Octet.lf)
            }
            out.write(ownLines)
            if let length = ending.length {
                out.write(Lines.length)
                out.writeDecimal(length)
                out.append(Octet.cr)
                out.append(Octet.lf)
            }
            if ending.isChunked { out.write(Lines.chunked) }
            switch ending.connection {
            case .close: out.write(Lines.close)
            case .keepAlive: out.write(Lines.keepAlive)
            case nil: break
            }
            out.append(Octet.cr)
            out.append(Octet.lf)
        }
    }

    private enum Lines {
        static let length = Array("content-length: ".utf8)
        static let chunked = Array("transfer-encoding: chunked\r\n".utf8)
        static let close = Array("connection: close\r\n".utf8)
        static let keepAlive = Array("connection: keep-alive\r\n".utf8)
    }
}

extension OutputRawSpan {
    mutating func write(_ bytes: [UInt8]) {
        let span = bytes.span
        for index in span.indices { append(span[index]) }
    }

    /// `number` is not negative.
    mutating func writeDecimal(_ number: Int) {
        var scale = 1
        while number / scale >= 10 { scale *= 10 }
        while scale > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / scale % 10))
            scale /= 10
        }
    }
}

/// The first lines of responses, made once.
enum StatusLine {
    static func bytes(_ status: Int) -> [UInt8] {
        lines.indices.contains(status - 100) ? lines[status - 100] : line(status)
    }

    static func reason(_ status: Int) -> String { reasons[status] ?? "" }

    private static let lines = (100...599).map(line)

    private static func line(_ status: Int) -> [UInt8] { Array("HTTP/1.1 \(status) \(reason(status))\r\n".utf8) }

    private static let reasons: [Int: String] = [
        100: "Continue", 101: "Switching Protocols", 102: "Processing", 103: "Early Hints", 200: "OK", 201: "Created",
        202: "Accepted", 203: "Non-Authoritative Information", 204: "No Content", 205: "Reset Content",
        206: "Partial Content", 207: "Multi-Status", 208: "Already Reported", 226: "IM Used",
        300: "Multiple Choices", 301: "Moved Permanently", 302: "Found", 303: "See Other", 304: "Not Modified",
        307: "Temporary Redirect", 308: "Permanent Redirect", 400: "Bad Request", 401: "Unauthorized",
        402: "Payment Required", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        406: "Not Acceptable", 407: "Proxy Authentication Required", 408: "Request Timeout", 409: "Conflict",
        410: "Gone", 411: "Length Required", 412: "Precondition Failed", 413: "Content Too Large",
        414: "URI Too Long", 415: "Unsupported Media Type", 416: "Range Not Satisfiable", 417: "Expectation Failed",
        418: "I'm a teapot", 421: "Misdirected Request", 422: "Unprocessable Content", 423: "Locked",
        424: "Failed Dependency", 425: "Too Early", 426: "Upgrade Required", 428: "Precondition Required",
        429: "Too Many Requests", 431: "Request Header Fields Too Large", 451: "Unavailable For Legal Reasons",
        500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
        504: "Gateway Timeout", 505: "HTTP Version Not Supported", 506: "Variant Also Negotiates",
        507: "Insufficient Storage", 508: "Loop Detected", 511: "Network Authentication Required",
    ]
}
