// SPDX-License-Identifier: Apache-2.0
internal import NIOCore
public import WorkerTypes

/// A request or a scheduled run on its way into a shard.
public struct DispatchDescription: Sendable, Hashable {
    /// What follows the head.
    public enum Body: Sendable, Hashable {
        /// There is none.
        case none
        /// All of it.
        case whole([UInt8])
        /// It comes in chunks.
        case follows
    }

    /// The worker's name.
    public var worker: String
    /// What begins it.
    public var kind = RequestRecord.Kind.fetch
    /// The method, the URL, and names and values of the headers, each ended by a line feed; of a scheduled run its cron
    /// expression. Each byte is a character.
    public var head: [UInt8]
    /// What follows.
    public var body = Body.none
    /// Of a scheduled run, in milliseconds since 1970.
    public var scheduledTime = 0.0
    /// Microseconds since the request came.
    public var age = 0
    /// The id of the trace, if there is one.
    public var trace: String?
    /// The client's address as text; empty where it is not known.
    public var client = ""
    /// Bytes of console lines that its worker may write in it.
    public var logBytes = 64 << 10
    /// The subprotocols that the client offers for a WebSocket; `nil`: it asks for none. Only of one without a body.
    public var webSocketProtocols: [String]?

    /// The most that a body may have to go with its head, in bytes.
    public static let mostWholeBody = 64 << 10

    /// A dispatch.
    public init(worker: String, head: [UInt8], body: Body = .none) {
        self.worker = worker
        self.head = head
        self.body = body
    }

    func write(into buffer: inout ByteBuffer) {
        let (worker, trace, client) = (worker.orNone, (trace ?? "").orNone, client.orNone)
        buffer.write(atMost: 32) { fixed in
            fixed.add(UInt8(kind == .scheduled ? 1 : offersSocket ? 2 : 0))
            fixed.add(body.tag)
            fixed.add(UInt16(clamping: worker.utf8.count))
            fixed.add(UInt16(clamping: trace.utf8.count))
            fixed.add(UInt16(clamping: client.utf8.count))
            fixed.add(UInt32(clamping: head.count))
            fixed.add(scheduledTime.bitPattern)
            fixed.add(count: age)
            fixed.add(UInt32(clamping: logBytes))
        }
        buffer.writeString(worker)
        buffer.writeBytes(head)
        if !trace.isEmpty { buffer.writeString(trace) }
        if !client.isEmpty { buffer.writeString(client) }
        if offersSocket, let webSocketProtocols {
            buffer.write(list: Array(webSocketProtocols.prefix(Self.mostProtocols))) { $0.write($1) }
        }
        if case .whole(let bytes) = body { buffer.writeBytes(bytes) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        typealias Fixed = (UInt8, UInt8, UInt16, UInt16, UInt16, UInt32, UInt64, UInt64, UInt32)
        let fixed: Fixed? = reader.buffer.readMultipleIntegers(endianness: .little)
        guard let (kind, tag, workerLength, traceLength, clientLength, headLength, time, age, logBytes) = fixed else {
            throw reader.tooShort()
        }
        guard kind <= 2, let age = Int(exactly: age) else { throw reader.malformed("no kind, or no age") }
        self.kind = kind == 1 ? .scheduled : .fetch
        scheduledTime = Double(bitPattern: time)
        self.age = age
        self.logBytes = Int(logBytes)
        worker = try reader.string(Int(workerLength))
        head = try reader.bytes(Int(headLength))
        trace = traceLength == 0 ? nil : try reader.string(Int(traceLength))
        client = try reader.string(Int(clientLength))
        if kind == 2 {
            guard tag == 0 else { throw reader.malformed("a body with a WebSocket") }
            webSocketProtocols = try reader.list(ofAtLeast: 4, atMost: Self.mostProtocols) {
                (reader) throws(ProtocolError) in try reader.string()
            }
        }
        body = try reader.body(tag)
    }

    private static let mostProtocols = 4096

    /// Whether its client's WebSocket may be taken up.
    var offersSocket: Bool { webSocketProtocols != nil && kind == .fetch && body == .none }
}

/// What a worker's answer begins with; all of it, where the body is whole.
public struct AnswerDescription: Sendable, Hashable {
    /// 200 to 599.
    public var status: Int
    /// What is said with the status; often empty.
    public var statusText = ""
    /// Names and values, each ended by a line feed. Each byte is a character.
    public var headers: [UInt8]
    /// What follows.
    public var body = DispatchDescription.Body.none

    /// An answer.
    public init(status: Int, headers: [UInt8], body: DispatchDescription.Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    func write(into buffer: inout ByteBuffer) {
        let statusText = statusText.orNone
        buffer.write(atMost: 9) { fixed in
            fixed.add(UInt16(clamping: status))
            fixed.add(body.tag)
            fixed.add(UInt16(clamping: statusText.utf8.count))
            fixed.add(UInt32(clamping: headers.count))
        }
        if !statusText.isEmpty { buffer.writeString(statusText) }
        buffer.writeBytes(headers)
        if case .whole(let bytes) = body { buffer.writeBytes(bytes) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        let fixed: (UInt16, UInt8, UInt16, UInt32)? = reader.buffer.readMultipleIntegers(endianness: .little)
        guard let (number, tag, textLength, headLength) = fixed else { throw reader.tooShort() }
        status = Int(number)
        guard (200...599).contains(status) else { throw reader.malformed("a status of \(status)") }
        statusText = try reader.string(Int(textLength))
        headers = try reader.bytes(Int(headLength))
        try HeaderLines.check(headers, reader)
        body = try reader.body(tag)
    }
}

/// Headers as they go into a response: what a shard says is written to clients.
enum HeaderLines {
    static func check(_ lines: [UInt8], _ reader: WireReader) throws(ProtocolError) {
        var count = 0
        for byte in lines {
            if byte == 10 { count += 1 }
            guard byte != 13, byte != 0 else { throw reader.malformed("a control character in a header") }
        }
        guard count % 2 == 0, lines.isEmpty || lines.last == 10 else { throw reader.malformed("half a header") }
    }
}

/// Why a dispatch has no answer of its worker.
public enum DispatchRefusal: Sendable, Hashable {
    /// There is no such worker; nothing more comes of it.
    case unknownWorker
    /// Too much waits; nothing more comes of it.
    case overloaded
    /// No request is taken any more; nothing more comes of it.
    case shuttingDown
    /// It failed; its end comes later.
    case failed(Outcome)

    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .unknownWorker: buffer.write(UInt8(0))
        case .overloaded: buffer.write(UInt8(1))
        case .shuttingDown: buffer.write(UInt8(2))
        case .failed(let outcome):
            buffer.write(UInt8(3))
            buffer.write(outcome, of: WireChoices.outcomes)
        }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        switch try reader.integer(UInt8.self) {
        case 0: self = .unknownWorker
        case 1: self = .overloaded
        case 2: self = .shuttingDown
        case 3: self = .failed(try reader.choice(WireChoices.outcomes))
        case let number: throw reader.malformed("a refusal of kind \(number)")
        }
    }
}

/// What only the shard knows of a dispatch that is over. Who it was of, and what it used of the host, the supervisor
/// knows itself.
public struct DispatchReport: Sendable, Hashable {
    /// How it ended.
    public var outcome = Outcome.ok
    /// Whether its isolate was there.
    public var start = RequestRecord.Start.warm
    /// The version that served it.
    public var version = 0
    /// The status that the worker answered; 0 where there was none.
    public var status = 0
    /// From the request to the worker's first instruction for it.
    public var waitMicroseconds = 0
    /// CPU time.
    public var cpuMicroseconds = 0
    /// From the request to its end.
    public var wallMicroseconds = 0
    /// Of the V8 heap, in bytes.
    public var heapPeakBytes = 0
    /// Of ArrayBuffers, in bytes.
    public var externalPeakBytes = 0
    /// Of all, in bytes.
    public var memoryPeakBytes = 0
    /// Calls to the host, those included that the shard answered itself.
    public var hostCalls = 0
    /// Bytes of the request's body.
    public var requestBytes = 0
    /// Bytes of the response's body.
    public var responseBytes = 0
    /// What was uncaught.
    public var error: String?
    /// With positions.
    public var stack: String?

    /// Nothing of note.
    public init() {}

    /// What a record in the shard says.
    public init(_ record: RequestRecord) {
        outcome = record.outcome
        start = record.start
        version = record.version
        status = record.status
        waitMicroseconds = record.waitMicroseconds
        cpuMicroseconds = record.usage.cpuMicroseconds
        wallMicroseconds = record.usage.wallMicroseconds
        heapPeakBytes = record.usage.heapPeakBytes
        externalPeakBytes = record.usage.externalPeakBytes
        memoryPeakBytes = record.usage.memoryPeakBytes
        hostCalls = record.usage.hostCalls
        requestBytes = record.requestBytes
        responseBytes = record.responseBytes
        error = record.error
        stack = record.stack
    }

    /// Completes what the supervisor knows of the dispatch.
    public func complete(_ record: inout RequestRecord) {
        record.outcome = outcome
        record.start = start
        record.version = version
        record.status = status
        record.waitMicroseconds = waitMicroseconds
        record.usage.cpuMicroseconds = cpuMicroseconds
        record.usage.wallMicroseconds = wallMicroseconds
        record.usage.heapPeakBytes = heapPeakBytes
        record.usage.externalPeakBytes = externalPeakBytes
        record.usage.memoryPeakBytes = memoryPeakBytes
        record.usage.hostCalls = max(hostCalls, record.usage.hostCalls)
        record.requestBytes = requestBytes
        record.responseBytes = responseBytes
        record.error = error
        record.stack = stack
    }

    static let mostErrorBytes = 8 << 10
    static let mostStackBytes = 32 << 10

    func write(into buffer: inout ByteBuffer) {
        buffer.write(atMost: 84) { fixed in
            fixed.add(UInt8(WireChoices.outcomes.firstIndex(of: outcome) ?? 0))
            fixed.add(UInt8(WireChoices.starts.firstIndex(of: start) ?? 0))
            fixed.add(UInt16(clamping: status))
            fixed.add(count: version)
            fixed.add(count: waitMicroseconds)
            fixed.add(count: cpuMicroseconds)
            fixed.add(count: wallMicroseconds)
            fixed.add(count: heapPeakBytes)
            fixed.add(count: externalPeakBytes)
            fixed.add(count: memoryPeakBytes)
            fixed.add(count: hostCalls)
            fixed.add(count: requestBytes)
            fixed.add(count: responseBytes)
        }
        buffer.write(optional: error) { $0.write($1, atMost: Self.mostErrorBytes) }
        buffer.write(optional: stack) { $0.write($1, atMost: Self.mostStackBytes) }
    }

    /// The most that a number in it may be: sums of many stay numbers.
    private static let most: UInt64 = 1 << 48

    /// - Parameter statuses: what `status` may be, besides 0.
    init(
        _ reader: inout WireReader, statuses: ClosedRange<Int>
    ) throws(ProtocolError) {
        typealias Fixed = (
            UInt8, UInt8, UInt16, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64
        )
        let fixed: Fixed? = reader.buffer.readMultipleIntegers(endianness: .little)
        guard let fixed else { throw reader.tooShort() }
        outcome = try reader.choice(Int(fixed.0), WireChoices.outcomes)
        start = try reader.choice(Int(fixed.1), WireChoices.starts)
        status = Int(fixed.2)
        func number(_ value: UInt64) throws(ProtocolError) -> Int {
            guard value <= Self.most else { throw reader.malformed("a number is too large") }
            return Int(value)
        }
        guard status == 0 || statuses.contains(status) else { throw reader.malformed("a status of \(status)") }
        version = try number(fixed.3)
        waitMicroseconds = try number(fixed.4)
        cpuMicroseconds = try number(fixed.5)
        wallMicroseconds = try number(fixed.6)
        heapPeakBytes = try number(fixed.7)
        externalPeakBytes = try number(fixed.8)
        memoryPeakBytes = try number(fixed.9)
        hostCalls = try number(fixed.10)
        requestBytes = try number(fixed.11)
        responseBytes = try number(fixed.12)
        error = try reader.optional { (reader) throws(ProtocolError) in
            try reader.string(atMost: Self.mostErrorBytes)
        }
        stack = try reader.optional { (reader) throws(ProtocolError) in
            try reader.string(atMost: Self.mostStackBytes)
        }
    }
}

extension String {
    /// Itself, where its length can be said; nobody has a reason for more.
    fileprivate var orNone: String { utf8.count <= 4096 ? self : "" }
}

extension DispatchDescription.Body {
    fileprivate var tag: UInt8 {
        switch self {
        case .none: 0
        case .whole: 1
        case .follows: 2
        }
    }
}

extension WireReader {
    /// Always the last of its frame.
    fileprivate mutating func body(_ tag: UInt8) throws(ProtocolError) -> DispatchDescription.Body {
        switch tag {
        case 0: return .none
        case 1:
            guard remaining <= DispatchDescription.mostWholeBody else { throw malformed("too large a body") }
            return .whole(rest())
        case 2: return .follows
        case let number: throw malformed("a body of kind \(number)")
        }
    }
}
