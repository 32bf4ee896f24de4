// SPDX-License-Identifier: Apache-2.0
public import NIOCore
public import WorkerTypes

/// What a shard says to its supervisor.
public enum ShardMessage: Sendable, Hashable {
    /// The greeting, before anything else.
    case hello(ShardGreeting)
    /// About bytes.
    case channel(UInt32, ChannelMessage)
    /// Dispatches may come.
    case ready
    /// What is wrong with a version that was tried.
    case checked(UInt32, [FaultDescription])
    /// What a worker answered.
    case response(UInt32, AnswerDescription)
    /// There is no answer of the worker.
    case refused(UInt32, DispatchRefusal)
    /// A dispatch is over, with all that it began.
    case ended(UInt32, DispatchReport)
    /// A script calls the host.
    case call(UInt32, CallDescription)
    /// The script waits no longer for a call.
    case cancelCall(UInt32)
    /// A line of a log.
    case log(LineDescription)
    /// A dispatch came near to a limit.
    case approached(UInt32, ApproachedLimit)
    /// How it is, unasked.
    case heartbeat(ShardFigures)
    /// A thread was lost.
    case lostThread(LostThreadNotice)
    /// The answer to a ping.
    case pong(UInt64)
    /// How workers are that were asked for, in their order.
    case figures(UInt32, [WorkerLoad])
    /// A run is over.
    case ran(UInt32, RunAnswer)
    /// An isolate of the installation of this number will call the host outside of dispatches.
    case start(UInt32, Int)
    /// It is no more.
    case endStart(UInt32)
    /// A worker has taken up its client's WebSocket. Messages go as bytes of the dispatch's channels.
    case socketOpened(UInt32, SocketAnswer)
    /// The worker has the next message of a socket, or hears of its end.
    case messageTaken(UInt32)
    /// Close the socket once its client has what was written, of which there is no more.
    case closeSocket(UInt32, SocketEnd)
    /// A socket is over.
    case socketEnded(UInt32, DispatchReport)

    /// Writes it as a frame.
    /// - Throws: `tooLarge`; then nothing is written.
    public func encode(into buffer: inout ByteBuffer) throws(ProtocolError) {
        switch self {
        case .hello(let greeting): try buffer.writeFrame(.hello) { greeting.write(into: &$0) }
        case .channel(let id, let message): try message.encode(id, into: &buffer)
        case .ready: try buffer.writeFrame(.ready)
        case .checked(let id, let faults):
            try buffer.writeFrame(.checked, id: id) { buffer in
                buffer.write(list: Array(faults.prefix(FaultDescription.most))) { $1.write(into: &$0) }
            }
        case .response(let id, let answer): try buffer.writeFrame(.response, id: id) { answer.write(into: &$0) }
        case .refused(let id, let refusal): try buffer.writeFrame(.refused, id: id) { refusal.write(into: &$0) }
        case .ended(let id, let report): try buffer.writeFrame(.ended, id: id) { report.write(into: &$0) }
        case .call(let id, let call): try buffer.writeFrame(.call, id: id) { call.write(into: &$0) }
        case .cancelCall(let id): try buffer.writeFrame(.cancelCall, id: id)
        case .log(let line): try buffer.writeFrame(.log) { line.write(into: &$0) }
        case .approached(let id, let limit):
            try buffer.writeFrame(.approached, id: id) { $0.write(limit, of: WireChoices.limits) }
        case .heartbeat(let figures): try buffer.writeFrame(.heartbeat) { figures.write(into: &$0) }
        case .lostThread(let notice):
            try buffer.writeFrame(.lostThread) { buffer in
                buffer.write(notice.worker, atMost: 256)
                buffer.write(count: notice.parkedThreads)
            }
        case .pong(let nonce): try buffer.writeFrame(.pong) { $0.write(nonce) }
        case .figures(let id, let figures):
            try buffer.writeFrame(.figures, id: id) { buffer in buffer.write(list: figures) { $1.write(into: &$0) } }
        case .ran(let id, let answer): try buffer.writeFrame(.ran, id: id) { answer.write(into: &$0) }
        case .start(let id, let serial): try buffer.writeFrame(.start, id: id) { $0.write(count: serial) }
        case .endStart(let id): try buffer.writeFrame(.endStart, id: id)
        case .socketOpened(let id, let answer):
            try buffer.writeFrame(.socketOpened, id: id) { answer.write(into: &$0) }
        case .messageTaken(let id): try buffer.writeFrame(.messageTaken, id: id)
        case .closeSocket(let id, let end): try buffer.writeFrame(.closeSocket, id: id) { end.write(into: &$0) }
        case .socketEnded(let id, let report):
            try buffer.writeFrame(.socketEnded, id: id) { report.write(into: &$0) }
        }
    }

    /// Reads a frame.
    /// - Throws: `malformed` for what it is not, `unknownKind` for what a shard does not say.
    public init(_ frame: Frame) throws(ProtocolError) {
        var reader = frame.payload
        let id = frame.header.id
        if let message = try ChannelMessage.decode(frame.header, &reader) {
            self = .channel(id, message)
        } else {
            switch frame.header.kind {
            case .hello: self = .hello(try ShardGreeting(&reader))
            case .ready: self = .ready
            case .checked:
                let faults = try reader.list(ofAtLeast: 24, atMost: FaultDescription.most) {
                    (reader) throws(ProtocolError) in try FaultDescription(&reader)
                }
                self = .checked(id, faults)
            case .response: self = .response(id, try AnswerDescription(&reader))
            case .refused: self = .refused(id, try DispatchRefusal(&reader))
            case .ended: self = .ended(id, try DispatchReport(&reader, statuses: 101...599))
            case .call: self = .call(id, try CallDescription(&reader))
            case .cancelCall: self = .cancelCall(id)
            case .log: self = .log(try LineDescription(&reader))
            case .approached: self = .approached(id, try reader.choice(WireChoices.limits))
            case .heartbeat: self = .heartbeat(try ShardFigures(&reader))
            case .lostThread:
                self = .lostThread(
                    LostThreadNotice(
                        worker: try reader.string(atMost: 256), parkedThreads: try reader.count(atMost: 1 << 40)))
            case .pong: self = .pong(try reader.integer())
            case .figures:
                let figures = try reader.list(ofAtLeast: 8, atMost: WorkerLoad.most) {
                    (reader) throws(ProtocolError) in try WorkerLoad(&reader)
                }
                self = .figures(id, figures)
            case .ran: self = .ran(id, try RunAnswer(&reader))
            case .start: self = .start(id, try reader.count(atMost: 1 << 48))
            case .endStart: self = .endStart(id)
            case .socketOpened: self = .socketOpened(id, try SocketAnswer(&reader))
            case .messageTaken: self = .messageTaken(id)
            case .closeSocket: self = .closeSocket(id, try SocketEnd(&reader))
            case .socketEnded: self = .socketEnded(id, try DispatchReport(&reader, statuses: SocketEnd.codes))
            default: throw ProtocolError(.unknownKind, "a frame \(frame.header.kind) from a shard")
            }
        }
        try reader.finish()
    }
}

/// A call of a script to the host.
public struct CallDescription: Sendable, Hashable {
    /// The dispatch, or the run, that calls.
    public var dispatch: UInt32
    /// The version of the worker that calls: a dispatch may be begun on a later one than it was sent for.
    public var version = 0
    /// The position of the binding among those of the version.
    public var binding: Int
    /// The index of the operation in the supervisor's table.
    public var operation: Int
    /// What is passed. Streams in it have ids that follow the call's.
    public var arguments: [WireValue]

    /// A call.
    public init(dispatch: UInt32, binding: Int, operation: Int, arguments: [WireValue]) {
        self.dispatch = dispatch
        self.binding = binding
        self.operation = operation
        self.arguments = arguments
    }

    /// What the arguments hold, in bytes.
    public var argumentBytes: Int { arguments.reduce(0) { $0 + $1.byteCount } }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(dispatch)
        buffer.write(count: version)
        buffer.write(UInt32(clamping: binding))
        buffer.write(UInt32(clamping: operation))
        buffer.write(list: arguments) { $0.write($1) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        dispatch = try reader.integer()
        version = try reader.count(atMost: 1 << 48)
        binding = Int(try reader.integer(UInt32.self))
        operation = Int(try reader.integer(UInt32.self))
        arguments = try reader.list(ofAtLeast: 1, atMost: HostValueCoding.mostArguments) {
            (reader) throws(ProtocolError) in try reader.value()
        }
    }
}

/// What becomes of a run.
public enum RunAnswer: Sendable, Hashable {
    /// The members of its report but for `usage`, as JSON; and what it used.
    case report(String, Usage)
    /// It did not begin, for this reason.
    case refused(Refusal, String)

    /// Whose fault it is that a run did not begin.
    public enum Refusal: UInt8, Sendable, CaseIterable {
        /// Its limits cannot be had.
        case limits
        /// There is no room now.
        case busy
        /// The shard is at fault.
        case host
    }

    private static let places: [any WritableKeyPath<Usage, Int> & Sendable] = [
        \.cpuMicroseconds, \.wallMicroseconds, \.heapPeakBytes, \.externalPeakBytes, \.memoryPeakBytes, \.subrequests,
        \.egressBytes, \.hostCalls,
    ]

    func write(into buffer: inout ByteBuffer) {
        switch self {
        case .report(let members, let usage):
            buffer.write(true)
            buffer.write(members)
            for place in Self.places { buffer.write(count: usage[keyPath: place]) }
        case .refused(let refusal, let why):
            buffer.write(false)
            buffer.write(refusal, of: WireChoices.refusals)
            buffer.write(why, atMost: 4096)
        }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        guard try reader.flag() else {
            self = .refused(try reader.choice(WireChoices.refusals), try reader.string(atMost: 4096))
            return
        }
        let members = try reader.string()
        var usage = Usage()
        for place in Self.places { usage[keyPath: place] = try reader.count(atMost: 1 << 48) }
        self = .report(members, usage)
    }
}
