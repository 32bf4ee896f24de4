// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import NIOHPACK

/// A head of HTTP/2 in the words of HTTP/1, so that one parser judges both.
enum HTTP2Request {
    /// The head as lines. Where a name or a value could end a line, there is no head.
    static func lines(_ headers: HPACKHeaders) throws(Refusal) -> ByteBuffer {
        var pseudo: [String: String] = [:]
        var fields = ByteBuffer()
        var cookies: [String] = []
        for (name, value, _) in headers {
            guard value.utf8.allSatisfy(Octet.isFieldContent) else {
                throw Refusal(400, "a control character in a header field")
            }
            if name.hasPrefix(":") {
                pseudo[name] = value
            } else if name == "cookie" {
                // RFC 9113, 8.2.3: pieces of one field.
                cookies.append(value)
            } else if name != "host" || pseudo[":authority"] == nil {
                fields.writeString("\(name): \(value)\r\n")
            } else if value.lowercased() != pseudo[":authority"]?.lowercased() {
                throw Refusal(400, "a Host other than the authority")
            }
        }
        guard let method = pseudo[":method"], let path = pseudo[":path"] else {
            throw Refusal(400, "no method or no path")
        }
        var lines = ByteBuffer()
        lines.writeString("\(method) \(path) HTTP/1.1\r\n")
        if let authority = pseudo[":authority"] { lines.writeString("host: \(authority)\r\n") }
        lines.writeBuffer(&fields)
        if !cookies.isEmpty { lines.writeString("cookie: \(cookies.joined(separator: "; "))\r\n") }
        lines.writeString("\r\n")
        return lines
    }
}
