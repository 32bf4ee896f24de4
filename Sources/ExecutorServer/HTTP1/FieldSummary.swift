// SPDX-License-Identifier: Apache-2.0

/// What the fields of a head say about the message and the connection.
struct FieldSummary {
    private var host: Range<Int>?
    private var length: Int?
    private var hasCoding = false
    private var closes = false
    private var keepsAlive = false
    private var upgrades = false
    private var expectsContinue = false
    private var asksForWebSocket = false
    private var webSocketKey: Range<Int>?
    private var webSocketVersion: Range<Int>?
    private var webSocketProtocols: [String] = []

    /// Looks at a field, and hides it if it is of this hop.
    mutating func take(_ field: inout FieldPlace, _ bytes: Span<UInt8>) throws(Stop) {
        let name = field.name
        // The first letter and the length tell nearly all others from these.
        switch (Octet.lowercase(bytes[name.lowerBound]), name.count) {
        case (UInt8(ascii: "h"), 4) where bytes.equalsAnyCase(name, "host"):
            guard host == nil else { throw .bad("more than one Host") }
            host = field.value
        case (UInt8(ascii: "c"), 14) where bytes.equalsAnyCase(name, "content-length"):
            guard length == nil else { throw .bad("more than one Content-Length") }
            length = try Self.length(bytes, field.value)
        case (UInt8(ascii: "t"), 17) where bytes.equalsAnyCase(name, "transfer-encoding"):
            guard !hasCoding else { throw .bad("more than one Transfer-Encoding") }
            guard bytes.equalsAnyCase(field.value, "chunked") else {
                throw .refused(Refusal(501, "a Transfer-Encoding other than chunked"))
            }
            hasCoding = true
            field.isHidden = true
        case (UInt8(ascii: "c"), 10) where bytes.equalsAnyCase(name, "connection"):
            try takeConnection(bytes, field.value)
            field.isHidden = true
        case (UInt8(ascii: "e"), 6) where bytes.equalsAnyCase(name, "expect"):
            guard bytes.equalsAnyCase(field.value, "100-continue") else {
                throw .refused(Refusal(417, "an expectation other than 100-continue"))
            }
            expectsContinue = true
            field.isHidden = true
        case (UInt8(ascii: "u"), 7) where bytes.equalsAnyCase(name, "upgrade"):
            asksForWebSocket = bytes.equalsAnyCase(field.value, "websocket")
        case (UInt8(ascii: "s"), 13...22): takeWebSocket(bytes, field)
        default: field.isHidden = HopFields.isHidden(bytes, name)
        }
    }

    private mutating func takeConnection(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(Stop) {
        var start = value.lowerBound
        while start <= value.upperBound {
            var end = start
            while end < value.upperBound, bytes[end] != Octet.comma { end += 1 }
            let option = bytes.trimmed(start..<end)
            if bytes.equalsAnyCase(option, "close") {
                closes = true
            } else if bytes.equalsAnyCase(option, "keep-alive") {
                keepsAlive = true
            } else if bytes.equalsAnyCase(option, "upgrade") {
                upgrades = true
            }
            start = end + 1
        }
    }

    private mutating func takeWebSocket(_ bytes: Span<UInt8>, _ field: FieldPlace) {
        if bytes.equalsAnyCase(field.name, "sec-websocket-key") {
            webSocketKey = field.value
        } else if bytes.equalsAnyCase(field.name, "sec-websocket-version") {
            webSocketVersion = field.value
        } else if bytes.equalsAnyCase(field.name, "sec-websocket-protocol") {
            var value = ""
            for index in field.value { value.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
            webSocketProtocols += WebSocketHandshake.protocols(value)
        }
    }

    /// Digits only: no sign, no list.
    private static func length(_ bytes: Span<UInt8>, _ value: Range<Int>) throws(Stop) -> Int {
        guard (1...18).contains(value.count) else { throw .bad("a Content-Length that is no number") }
        var length = 0
        for index in value {
            guard Octet.isDigit(bytes[index]) else { throw .bad("a Content-Length that is no number") }
            length = length * 10 + Int(bytes[index] &- UInt8(ascii: "0"))
        }
        return length
    }

    /// The whole, once all fields were looked at.
    func shape(_ line: RequestLine, length end: Int, _ bytes: Span<UInt8>) throws(Stop) -> RequestShape {
        var shape = RequestShape()
        shape.length = end
        shape.method = line.method
        shape.target = line.target
        shape.version = line.version
        shape.authority = try authority(line, bytes)
        shape.framing = try framing(line.version)
        shape.keepsAlive = !closes && (line.version == .http11 || keepsAlive)
        shape.expectsContinue = expectsContinue && line.version == .http11 && shape.framing != .none
        if asksForWebSocket, upgrades, let key = webSocketKey, let version = webSocketVersion,
            line.version == .http11, shape.framing == .none, bytes.equals(line.method, "GET")
        {
            guard bytes.equals(version, "13") else {
                throw .refused(Refusal(426, "a version of WebSocket other than 13"))
            }
            guard WebSocketHandshake.isKey(bytes, key) else { throw .bad("a Sec-WebSocket-Key that is no key") }
            shape.upgrade = .webSocket(protocols: webSocketProtocols)
            shape.webSocketKey = key
        }
        return shape
    }

    private func framing(_ version: HTTPVersion) throws(Stop) -> BodyFraming {
        guard hasCoding else { return length.map { $0 == 0 ? .none : .length($0) } ?? .none }
        guard length == nil else { throw .bad("both Content-Length and Transfer-Encoding") }
        guard version == .http11 else { throw .bad("a Transfer-Encoding in HTTP/1.0") }
        return .chunked
    }

    private func authority(_ line: RequestLine, _ bytes: Span<UInt8>) throws(Stop) -> Range<Int> {
        guard let host else {
            guard line.version == .http10 else { throw .bad("no Host") }
            guard let named = line.authority else { return 0..<0 }
            return try Authority.check(bytes, named)
        }
        let checked = try Authority.check(bytes, host)
        guard let named = line.authority else { return checked }
        let target = try Authority.check(bytes, named)
        guard bytes.equalsAnyCase(target, bytes, checked) else { throw .bad("a Host other than the target's") }
        return checked
    }
}

/// Fields that concern one hop, or that the front sets itself.
enum HopFields {
    /// Whether the handler does not see the field. Not for those that `FieldSummary` reads.
    static func isHidden(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        switch (Octet.lowercase(bytes[name.lowerBound]), name.count) {
        case (UInt8(ascii: "k"), 10): bytes.equalsAnyCase(name, "keep-alive")
        case (UInt8(ascii: "p"), 16): bytes.equalsAnyCase(name, "proxy-connection")
        case (UInt8(ascii: "t"), 2): bytes.equalsAnyCase(name, "te")
        case (UInt8(ascii: "t"), 7): bytes.equalsAnyCase(name, "trailer")
        case (UInt8(ascii: "h"), 14): bytes.equalsAnyCase(name, "http2-settings")
        case (UInt8(ascii: "f"), 9): bytes.equalsAnyCase(name, "forwarded")
        case (UInt8(ascii: "x"), 9): bytes.equalsAnyCase(name, "x-real-ip")
        case (UInt8(ascii: "x"), 15): bytes.equalsAnyCase(name, "x-forwarded-for")
        case (UInt8(ascii: "x"), 16):
            bytes.equalsAnyCase(name, "x-forwarded-host") || bytes.equalsAnyCase(name, "x-forwarded-port")
        case (UInt8(ascii: "x"), 17): bytes.equalsAnyCase(name, "x-forwarded-proto")
        default: false
        }
    }
}

extension Span<UInt8> {
    /// Without space and tab at both ends.
    func trimmed(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == Octet.space || self[start] == Octet.tab { start += 1 }
        while end > start, self[end - 1] == Octet.space || self[end - 1] == Octet.tab { end -= 1 }
        return start..<end
    }

    /// Whether two pieces are the same but for case.
    func equalsAnyCase(_ range: Range<Int>, _ other: Span<UInt8>, _ place: Range<Int>) -> Bool {
        guard range.count == place.count else { return false }
        for offset in 0..<range.count
        where Octet.lowercase(self[range.lowerBound + offset]) != Octet.lowercase(other[place.lowerBound + offset]) {
            return false
        }
        return true
    }
}
