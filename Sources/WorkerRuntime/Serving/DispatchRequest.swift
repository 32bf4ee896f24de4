// SPDX-License-Identifier: Apache-2.0
public import HostAPI
package import Isolates
public import WorkerTypes

/// One request on its way to a worker.
public struct DispatchRequest: Sendable {
    /// What follows the head.
    public enum Body: Sendable {
        /// There is none.
        case none
        /// All of it.
        case bytes([UInt8])
        /// It comes as the worker reads it.
        case stream(any ByteStream)
    }

    /// Unique in the process.
    public var id: UInt64
    /// The method, the URL, and names (in lower case) and values of the headers, each ended by a line feed. Each byte is a
    /// character.
    public var head: [UInt8]
    /// What follows the head.
    public var body: Body
    /// Whom to answer.
    public var responder: any DispatchResponder
    /// Takes the answers of one turn together; `nil`: the responder takes its own.
    public var front: (any DispatchFront)?
    /// When it came, by `MonotonicClock`.
    package var received: UInt64
    /// What begins the dispatch.
    package var kind = RequestRecord.Kind.fetch
    /// Of a scheduled run, in milliseconds since 1970.
    package var scheduledTime = 0.0
    /// The dispatches that wait for this one, where another worker calls.
    package var chain: CallChain?
    /// The trace that its head speaks of.
    public var trace: TraceContext?
    /// The subprotocols that its client offers for a WebSocket; `nil`: it asks for none.
    public var webSocketProtocols: [String]?
    /// By which its client says that it has left.
    public var cancellation: DispatchCancellation?

    /// A request.
    public init(
        id: UInt64, head: [UInt8], body: Body = .none, responder: any DispatchResponder,
        front: (any DispatchFront)? = nil
    ) {
        self.id = id
        self.head = head
        self.body = body
        self.responder = responder
        self.front = front
        received = MonotonicClock.now
    }

    /// How long ago it came, in microseconds.
    package var age: Int { Int((MonotonicClock.now &- received) / 1000) }

    /// It came so long ago, in microseconds.
    package mutating func setAge(_ microseconds: Int) {
        received = MonotonicClock.now &- UInt64(max(0, min(microseconds, 1 << 40))) * 1000
    }

    /// A record of it, before anything has become of it.
    package func makeRecord(of deployment: WorkerDeployment, time: Double) -> RequestRecord {
        var record = RequestRecord(id: id, worker: deployment.name, version: deployment.version)
        record.kind = kind
        record.trace = trace?.traceText
        record.time = time
        (record.method, record.url) = methodAndURL
        if case .bytes(let bytes) = body { record.requestBytes = bytes.count }
        return record
    }
}

/// What a worker answers, as far as it is known at once.
public struct DispatchAnswer: Sendable {
    /// Whom to answer.
    public var responder: any DispatchResponder
    /// 200 to 599.
    public var status: Int
    /// What is said with the status; often empty.
    public var statusText = ""
    /// Names and values of headers, each ended by a line feed. Each byte is a character.
    public var headers: [UInt8]
    /// The body, where it is whole.
    public var body: [UInt8] { given?.copied ?? bytes }
    /// The body, unless it is in `given`.
    package var bytes: [UInt8] = []
    /// A large body, in the isolate's own memory.
    package var given: GivenBytes?
    /// Whom it is sent through together with others.
    var front: (any DispatchFront)?

    /// An answer without a body.
    package init(responder: any DispatchResponder, status: Int, headers: [UInt8]) {
        self.init(responder: responder, status: status, headers: headers, front: nil)
    }

    init(
        responder: any DispatchResponder, status: Int, statusText: String = "", headers: [UInt8], bytes: [UInt8] = [],
        given: GivenBytes? = nil, front: (any DispatchFront)?
    ) {
        self.responder = responder
        self.status = status
        self.statusText = statusText
        self.headers = headers
        self.bytes = bytes
        self.given = given
        self.front = front
    }
}

/// Why a request has no answer of its worker.
public enum DispatchFailure: Error, Sendable, Equatable {
    /// There is no such worker.
    case unknownWorker
    /// Too much waits: for the worker, or for all.
    case overloaded
    /// No request is taken any more.
    case shuttingDown
    /// The process that it was in has ended before it answered.
    case lost
    /// The dispatch ended so before it answered.
    case ended(Outcome)
}

/// Where the answer to a request goes. From any thread; one of `respond`, `start`, `open` and `fail` comes, once.
public protocol DispatchResponder: AnyObject, Sendable {
    /// The whole answer.
    func respond(_ answer: DispatchAnswer)
    /// The answer's head; its body is written to the sink.
    func start(_ answer: DispatchAnswer) -> any ByteSink
    /// The WebSocket that `webSocketProtocols` offers is taken up: `socket` is told when it is open, and of its end. The
    /// answer has the headers that go with the handshake.
    func open(_ answer: DispatchAnswer, _ socket: any DispatchSocketHandler)
    /// There is no answer.
    func fail(_ failure: DispatchFailure)
    /// What was started has no end: something ended the worker.
    func abort()
}

extension DispatchResponder {
    /// For requests that offer none.
    public func open(_ answer: DispatchAnswer, _ socket: any DispatchSocketHandler) {
        socket.closed(code: 1006, reason: "")
    }
}

/// Takes answers that come together.
public protocol DispatchFront: AnyObject, Sendable {
    /// Whole answers, each to its own responder. From any thread.
    func respond(_ answers: [DispatchAnswer])
}
