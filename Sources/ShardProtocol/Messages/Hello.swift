// SPDX-License-Identifier: Apache-2.0
internal import NIOCore

/// What both sides begin with, and what is not to be changed: by it they find out whether they understand each other.
enum Greeting {
    /// "RKSH".
    static let mark: UInt32 = 0x4853_4b52
    /// Both sides are the same program, so there is one version that fits.
    static let version: UInt16 = 2
}

/// How a shard is to be: the supervisor's greeting.
public struct ShardSettings: Sendable, Hashable {
    /// Threads that compute at a time.
    public var cores = 1
    /// Threads in all.
    public var mostThreads = 64
    /// Isolates at a time.
    public var mostIsolates = 4000
    /// What all isolates may hold together, in bytes: its share of what the machine's may.
    public var mostHeldBytes = Int.max
    /// Isolates that are made before a worker needs them.
    public var blankIsolates = 4
    /// Requests that may wait for one worker.
    public var mostQueued = 1000
    /// What may be under way.
    public var session = SessionLimits()

    /// Settings of one core.
    public init() {}

    func write(into buffer: inout ByteBuffer) {
        buffer.write(Greeting.mark)
        buffer.write(Greeting.version)
        for number in [cores, mostThreads, mostIsolates, mostHeldBytes, blankIsolates, mostQueued] {
            buffer.write(count: number)
        }
        session.write(into: &buffer)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        try reader.greeting()
        cores = try reader.count(atMost: 1 << 16)
        mostThreads = try reader.count(atMost: 1 << 16)
        mostIsolates = try reader.count(atMost: 1 << 24)
        mostHeldBytes = try reader.count()
        blankIsolates = try reader.count(atMost: 1 << 24)
        mostQueued = try reader.count(atMost: 1 << 24)
        session = try SessionLimits(&reader)
    }
}

/// Who a shard is: its greeting.
public struct ShardGreeting: Sendable, Hashable {
    /// The process, as it sees itself.
    public var process: Int
    /// The engine's version.
    public var engine: String

    /// A greeting.
    public init(process: Int, engine: String) {
        self.process = process
        self.engine = engine
    }

    func write(into buffer: inout ByteBuffer) {
        buffer.write(Greeting.mark)
        buffer.write(Greeting.version)
        buffer.write(count: process)
        buffer.write(engine, atMost: 256)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        try reader.greeting()
        process = try reader.count()
        engine = try reader.string(atMost: 256)
    }
}

extension WireReader {
    fileprivate mutating func greeting() throws(ProtocolError) {
        guard try integer(UInt32.self) == Greeting.mark else {
            throw ProtocolError(.version, "the other side is no supervisor or shard of this program")
        }
        let version = try integer(UInt16.self)
        guard version == Greeting.version else {
            throw ProtocolError(
                .version, "the other side speaks version \(version) of the protocol, this one \(Greeting.version)")
        }
    }
}
