// SPDX-License-Identifier: Apache-2.0

/// Why a request is not taken. The connection closes after the answer.
struct Refusal: Error, Hashable, Sendable {
    let status: Int
    /// For the client: what is wrong, without what it sent.
    let reason: String

    init(_ status: Int, _ reason: String) {
        self.status = status
        self.reason = reason
    }
}

/// A head of HTTP/1 that was found to be right, as places in the bytes it was read from.
struct RequestShape {
    /// How many bytes it has, with its last line end.
    var length = 0
    var method = 0..<0
    /// Path and query.
    var target = 0..<0
    var version = HTTPVersion.http11
    /// Host and port, from the target or the Host field.
    var authority = 0..<0
    var framing = BodyFraming.none
    var keepsAlive = true
    var expectsContinue = false
    var upgrade: Upgrade?
    /// Where the key of a WebSocket handshake is.
    var webSocketKey = 0..<0
}

/// How a request's body ends.
enum BodyFraming: Equatable {
    case none
    case length(Int)
    case chunked
}

/// Where a header field is.
struct FieldPlace {
    let name: Range<Int>
    let value: Range<Int>
    /// Of this hop only, or replaced by the front: the handler does not see it.
    var isHidden = false
}
