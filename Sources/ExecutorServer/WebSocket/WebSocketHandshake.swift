// SPDX-License-Identifier: Apache-2.0

internal import Crypto

/// The opening handshake of RFC 6455.
enum WebSocketHandshake {
    /// The names in a Sec-WebSocket-Protocol field that are tokens; at most 32.
    static func protocols(_ value: String) -> [String] {
        value.split(separator: ",").prefix(32).map { $0.trimmingBlanks() }
            .filter { !$0.isEmpty && $0.utf8.allSatisfy(Octet.isToken) }
    }

    /// Whether a key is 16 bytes in base64.
    static func isKey(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        guard range.count == 24, bytes.equals(range.upperBound - 2..<range.upperBound, "==") else { return false }
        for index in range.dropLast(2) where base64.firstIndex(of: bytes[index]) == nil { return false }
        return true
    }

    /// What the server answers to a key.
    static func answer(to key: String) -> String {
        encode(Array(Insecure.SHA1.hash(data: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))))
    }

    private static let base64 = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits = group.reduce(0) { $0 << 8 | Int($1) }
            bits <<= 8 * (3 - group.count)
            for place in 0..<4 {
                text.append(place <= group.count ? base64[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
