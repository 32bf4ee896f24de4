// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore
internal import NIOWebSocket

/// A message of a script.
struct WebSocketMessage: Sendable {
    let bytes: [UInt8]
    let isText: Bool
}

/// What a Close frame says.
struct WebSocketClose: Sendable, Equatable {
    let code: Int
    let reason: String

    /// As the frame's payload.
    var payload: ByteBuffer {
        var buffer = ByteBuffer(integer: UInt16(clamping: code))
        buffer.writeString(reason)
        return buffer
    }
}

/// How a connection ended.
struct WebSocketEnding: Sendable, Encodable, Equatable {
    let code: Int
    let reason: String
    let wasClean: Bool
    /// What went wrong; empty where nothing did.
    let message: String

    /// After a closing handshake; `nil` stands for a Close frame without a code.
    init(_ close: WebSocketClose?) {
        code = close?.code ?? 1005
        reason = close?.reason ?? ""
        wasClean = true
        message = ""
    }

    /// Without one.
    init(failure message: String) {
        code = 1006
        reason = ""
        wasClean = false
        self.message = message
    }
}

/// What the peer did against the protocol, and the code that tells it so.
struct WebSocketViolation: Error, Equatable {
    let code: Int
    let message: String

    static func malformed(_ what: String) -> WebSocketViolation { WebSocketViolation(code: 1002, message: what) }
    static func tooLarge(_ most: Int) -> WebSocketViolation {
        WebSocketViolation(code: 1009, message: "a message has more than \(most) bytes")
    }
    static func notText(_ what: String) -> WebSocketViolation {
        WebSocketViolation(code: 1007, message: "\(what) is not UTF-8")
    }
}

/// Puts the frames of a server together.
struct WebSocketAssembler {
    enum Event: Equatable {
        /// The first or a middle part of a message.
        case part
        case message(HostValue, size: Int)
        case ping(ByteBuffer)
        case pong
        /// `nil`: without a code.
        case close(WebSocketClose?)
    }

    let mostMessageBytes: Int
    private var bytes: [UInt8] = []
    /// Of the message whose end has not come.
    private var isText: Bool?

    init(mostMessageBytes: Int) { self.mostMessageBytes = mostMessageBytes }

    mutating func take(_ frame: WebSocketFrame) throws(WebSocketViolation) -> Event {
        guard frame.reservedBits.isEmpty else { throw .malformed("a frame has reserved bits set") }
        guard frame.maskKey == nil else { throw .malformed("a frame of the server's is masked") }
        switch frame.opcode {
        case .ping: return .ping(frame.data)
        case .pong: return .pong
        case .connectionClose: return .close(try Self.close(frame.data))
        case .text, .binary:
            guard isText == nil else { throw .malformed("a message begins within another") }
            isText = frame.opcode == .text
        case .continuation:
            guard isText != nil else { throw .malformed("a message begins in its middle") }
        default: throw .malformed("a frame is of an unknown kind")
        }
        return try append(frame)
    }

    private mutating func append(_ frame: WebSocketFrame) throws(WebSocketViolation) -> Event {
        guard bytes.count + frame.data.readableBytes <= mostMessageBytes else { throw .tooLarge(mostMessageBytes) }
        bytes += frame.data.readableBytesView
        guard frame.fin else { return .part }
        defer {
            bytes = []
            isText = nil
        }
        guard isText == true else { return .message(.bytes(bytes), size: bytes.count) }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText("a text message") }
        return .message(.string(text), size: bytes.count)
    }

    private static func close(_ payload: ByteBuffer) throws(WebSocketViolation) -> WebSocketClose? {
        var payload = payload
        guard payload.readableBytes > 0 else { return nil }
        guard let code = payload.readInteger(as: UInt16.self) else {
            throw .malformed("a Close frame has half a code")
        }
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .malformed("a Close frame has the code \(code), which may not be sent")
        }
        guard let reason = String(validating: payload.readableBytesView, as: UTF8.self) else {
            throw .notText("the reason of a Close frame")
        }
        return WebSocketClose(code: Int(code), reason: reason)
    }
}

extension WebSocketFrame {
    /// What a frame takes on the way, in bytes.
    static func wireBytes(ofPayload count: Int, isMasked: Bool) -> Int {
        count + 2 + (count > 65535 ? 8 : count > 125 ? 2 : 0) + (isMasked ? 4 : 0)
    }
}
