// SPDX-License-Identifier: Apache-2.0

/// One request's way back to its client. Every function may be called from any thread and returns at once; calls from
/// one thread keep their order.
///
/// Exactly one of these ends it: `respond`, `finish` after `start`, `abort`, `acceptWebSocket`. What comes after that
/// does nothing.
public final class Exchange: @unchecked Sendable {
    /// The request's.
    public let id: UInt64
    let loop: FrontLoop
    let transport: any ExchangeTransport

    // The rest belongs to the loop.
    var observer: (any ExchangeObserver)?
    var body: RequestBodyStream?
    var state = ExchangeState()
    /// Calls that wait until earlier requests of the connection are answered.
    var waiting: [ExchangeCommand] = []

    init(id: UInt64, loop: FrontLoop, transport: any ExchangeTransport) {
        self.id = id
        self.loop = loop
        self.transport = transport
    }

    /// Answers with a body that is whole.
    public func respond(_ head: ResponseHead, body: [UInt8] = []) { respond(head, .bytes(body)) }

    func respond(_ head: ResponseHead, _ body: WholeBody) { post(.respond(head, body)) }

    /// Begins an answer whose body is streamed by `write`.
    public func start(_ head: ResponseHead) { post(.start(head)) }

    /// Sends a piece of the body. One write is under way at a time: `answer` comes once, on an event loop, when another
    /// may follow, which a client that does not read can put off.
    public func write(_ bytes: [UInt8], _ answer: @escaping @Sendable (WriteResult) -> Void) {
        post(.write(bytes, answer))
    }

    /// Ends a streamed body.
    public func finish() { post(.finish) }

    /// Breaks off: the client sees that something is missing.
    public func abort() { post(.abort) }

    /// Sends an informational response, such as 103, before the answer. Clients of HTTP/1.0 get none.
    public func inform(_ head: ResponseHead) { post(.inform(head)) }

    /// Takes up the WebSocket that `ServerRequest.upgrade` offers; without one it aborts. `header` fields are sent with
    /// the handshake, `subprotocol` must be one of those that were offered.
    public func acceptWebSocket(
        subprotocol: String? = nil, headers: HeaderBlock = HeaderBlock(), _ socket: any WebSocketHandler
    ) {
        post(.acceptWebSocket(subprotocol, headers, socket))
    }

    func post(_ command: ExchangeCommand) { loop.post(ExchangeCall(exchange: self, command: command)) }
}

/// Answers of many exchanges, which reach each event loop with one waking.
public struct AnswerBatch: Sendable {
    private var calls: [[ExchangeCall]] = []
    private var loops: [FrontLoop?] = []

    /// No answers.
    public init() {}

    /// Adds an answer with a whole body.
    public mutating func respond(_ exchange: Exchange, _ head: ResponseHead, body: [UInt8] = []) {
        respond(exchange, head, .bytes(body))
    }

    mutating func respond(_ exchange: Exchange, _ head: ResponseHead, _ body: WholeBody) {
        let index = exchange.loop.index
        while loops.count <= index {
            loops.append(nil)
            calls.append([])
        }
        loops[index] = exchange.loop
        calls[index].append(ExchangeCall(exchange: exchange, command: .respond(head, body)))
    }

    /// Sends all, and is empty again. All exchanges are of one front.
    public mutating func send() {
        for index in loops.indices {
            guard let loop = loops[index], !calls[index].isEmpty else { continue }
            loop.post(calls[index])
            calls[index].removeAll(keepingCapacity: true)
        }
    }
}

/// A call of an exchange on its way to the loop.
struct ExchangeCall: Sendable {
    let exchange: Exchange
    let command: ExchangeCommand
}

enum ExchangeCommand: Sendable {
    case respond(ResponseHead, WholeBody)
    case start(ResponseHead)
    case write([UInt8], @Sendable (WriteResult) -> Void)
    case finish
    case abort
    case inform(ResponseHead)
    case acceptWebSocket(String?, HeaderBlock, any WebSocketHandler)
    case readBody(Int, BodyAnswer)
    case cancelBody
    case socket(WebSocketCommand)
}

/// The side of an exchange that has the socket. Used on its loop only.
protocol ExchangeTransport: AnyObject {
    /// Whether `callsEnded` is due.
    var isTouched: Bool { get set }
    func carryOut(_ command: ExchangeCommand, of exchange: Exchange)
    /// No further call comes in this turn: what was written can go out.
    func callsEnded()
}

/// How far an exchange is, and how its response is framed.
struct ExchangeState {
    enum Phase {
        case unanswered
        case streaming
        case over
    }
    enum Framing: Equatable {
        /// No bytes go out, whatever is written: HEAD, 204, 304.
        case absent
        case chunked
        /// So many bytes are still to come.
        case length(Int)
        case untilClose
    }

    var phase = Phase.unanswered
    /// The front answers: what its handler says counts no more.
    var isSealed = false
    var framing = Framing.absent
    var isHEAD = false
    var version = HTTPVersion.http11
    /// The connection closes after this response.
    var closesAfter = false
    /// The client waits for `100 Continue`.
    var awaitsContinue = false
    /// Monotonic nanoseconds.
    var startedAt: Int64 = 0
    var hasEndedSending = false
    var writer: (@Sendable (WriteResult) -> Void)?
    /// Of the WebSocket that was asked for, as base64.
    var webSocketKey: String?
    var upgrade: Upgrade?
}
