// SPDX-License-Identifier: Apache-2.0

/// What both sides know alike of a WebSocket that a dispatch has opened, from then until the shard says that it is over.
struct SocketState: Sendable {
    /// The messages in the bytes that come.
    var framing = SocketFraming()
    /// Messages that the supervisor has sent, or that have been taken.
    private var messages = 0
    /// The supervisor has said that it is closed.
    private(set) var isClosed = false
    /// The shard has asked for its end.
    var isClosing = false
    /// The dispatch that opened it is over, and goes on as the socket's.
    var hasDispatchEnded = false

    /// The supervisor sends a message.
    mutating func send() { messages += 1 }

    /// The supervisor says that it is closed, which is taken like a message.
    mutating func close() {
        isClosed = true
        messages += 1
    }

    /// The shard takes a message.
    /// - Returns: whether there was one to be taken.
    mutating func take() -> Bool {
        guard messages > 0 else { return false }
        messages -= 1
        return true
    }

    /// Whether the shard may say that it is over: somebody has closed it.
    var mayEnd: Bool { isClosed || isClosing }
}

/// The WebSockets of a connection.
struct SocketTable: Sendable {
    private var sockets: [UInt32: SocketState] = [:]
    /// Those whose dispatches are over.
    private(set) var handedOver = 0

    var count: Int { sockets.count }

    subscript(_ id: UInt32) -> SocketState? {
        get { sockets.isEmpty ? nil : sockets[id] }
        _modify { yield &sockets[id] }
    }

    /// The dispatch of a socket is over.
    mutating func handOver(_ id: UInt32) {
        sockets[id]?.hasDispatchEnded = true
        handedOver += 1
    }

    mutating func end(_ id: UInt32) {
        if sockets.removeValue(forKey: id)?.hasDispatchEnded == true { handedOver -= 1 }
    }

    /// Bytes have come.
    mutating func take(_ event: ChannelTable.Event) throws(ProtocolError) {
        guard !sockets.isEmpty, case .data(let id, let bytes, let isLast) = event else { return }
        try sockets[id]?.framing.take(bytes, isLast: isLast)
    }
}
