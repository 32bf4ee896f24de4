// SPDX-License-Identifier: Apache-2.0
public import HostAPI
public import NIOCore

/// What a supervisor says to a shard.
public enum SupervisorMessage: Sendable, Hashable {
    /// The greeting, before anything else.
    case hello(ShardSettings)
    /// About bytes.
    case channel(UInt32, ChannelMessage)
    /// Take a version into service.
    case install(WorkerDescription)
    /// Modules that workers of this shard import.
    case library(ModulesDescription)
    /// Take a worker out of service.
    case remove(String)
    /// Try a version in an isolate that is thrown away.
    case check(UInt32, WorkerDescription)
    /// A request or a scheduled run.
    case dispatch(UInt32, DispatchDescription)
    /// Nobody waits for a dispatch any more.
    case cancel(UInt32)
    /// The answer to a call to the host.
    case answer(UInt32, Result<WireValue, HostError>)
    /// Come to an end with what is under way.
    case drain
    /// Are you there?
    case ping(UInt64)
    /// How are these workers?
    case askFigures(UInt32, [String])
    /// Run modules once.
    case run(UInt32, RunDescription)
    /// Nobody waits for a run any more.
    case endRun(UInt32)
    /// A socket's client has closed it, or is gone.
    case socketClosed(UInt32, SocketEnd)

    /// Writes it as a frame.
    /// - Throws: `tooLarge`; then nothing is written.
    public func encode(into buffer: inout ByteBuffer) throws(ProtocolError) {
        switch self {
        case .hello(let settings): try buffer.writeFrame(.hello) { settings.write(into: &$0) }
        case .channel(let id, let message): try message.encode(id, into: &buffer)
        case .install(let worker): try buffer.writeFrame(.install) { worker.write(into: &$0) }
        case .library(let modules): try buffer.writeFrame(.library) { modules.write(into: &$0) }
        case .remove(let name): try buffer.writeFrame(.remove) { $0.write(name) }
        case .check(let id, let worker): try buffer.writeFrame(.check, id: id) { worker.write(into: &$0) }
        case .dispatch(let id, let dispatch): try buffer.writeFrame(.dispatch, id: id) { dispatch.write(into: &$0) }
        case .cancel(let id): try buffer.writeFrame(.cancel, id: id)
        case .answer(let id, let result): try buffer.writeFrame(.answer, id: id) { $0.write(result) }
        case .drain: try buffer.writeFrame(.drain)
        case .ping(let nonce): try buffer.writeFrame(.ping) { $0.write(nonce) }
        case .askFigures(let id, let workers):
            try buffer.writeFrame(.askFigures, id: id) { buffer in buffer.write(list: workers) { $0.write($1) } }
        case .run(let id, let run): try buffer.writeFrame(.run, id: id) { run.write(into: &$0) }
        case .endRun(let id): try buffer.writeFrame(.endRun, id: id)
        case .socketClosed(let id, let end): try buffer.writeFrame(.socketClosed, id: id) { end.write(into: &$0) }
        }
    }

    /// Reads a frame.
    /// - Throws: `malformed` for what it is not, `unknownKind` for what a supervisor does not say.
    public init(_ frame: Frame) throws(ProtocolError) {
        var reader = frame.payload
        let id = frame.header.id
        if let message = try ChannelMessage.decode(frame.header, &reader) {
            self = .channel(id, message)
        } else {
            switch frame.header.kind {
            case .hello: self = .hello(try ShardSettings(&reader))
            case .install: self = .install(try WorkerDescription(&reader))
            case .library: self = .library(try ModulesDescription(&reader))
            case .remove: self = .remove(try reader.string(atMost: 256))
            case .check: self = .check(id, try WorkerDescription(&reader))
            case .dispatch: self = .dispatch(id, try DispatchDescription(&reader))
            case .cancel: self = .cancel(id)
            case .answer: self = .answer(id, try reader.result())
            case .drain: self = .drain
            case .ping: self = .ping(try reader.integer())
            case .askFigures:
                let workers = try reader.list(ofAtLeast: 4, atMost: WorkerLoad.most) {
                    (reader) throws(ProtocolError) in try reader.string(atMost: 256)
                }
                self = .askFigures(id, workers)
            case .run: self = .run(id, try RunDescription(&reader))
            case .endRun: self = .endRun(id)
            case .socketClosed: self = .socketClosed(id, try SocketEnd(&reader))
            default: throw ProtocolError(.unknownKind, "a frame \(frame.header.kind) from a supervisor")
            }
        }
        try reader.finish()
    }
}

/// Modules that are run once.
public struct RunDescription: Sendable, Hashable {
    /// Modules, limits, bindings and environment.
    public var program: WorkerDescription
    /// What the script sees as its arguments.
    public var arguments: [String] = []

    /// A run.
    public init(_ program: WorkerDescription) { self.program = program }

    func write(into buffer: inout ByteBuffer) {
        program.write(into: &buffer)
        buffer.write(list: arguments) { $0.write($1) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        program = try WorkerDescription(&reader)
        arguments = try reader.list(ofAtLeast: 4, atMost: 10_000) { (reader) throws(ProtocolError) in
            try reader.string()
        }
    }
}
