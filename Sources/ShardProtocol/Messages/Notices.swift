// SPDX-License-Identifier: Apache-2.0
internal import NIOCore

/// How a shard is now.
public struct ShardFigures: Sendable, Hashable {
    /// Workers in service.
    public var workers = 0
    /// Isolates there are.
    public var isolates = 0
    /// Isolates in stock.
    public var blankIsolates = 0
    /// Dispatches under way.
    public var inFlight = 0
    /// Requests that wait.
    public var queued = 0
    /// Memory of all isolates, in bytes.
    public var heldBytes = 0
    /// Threads that run isolates.
    public var threads = 0
    /// Those of them that are in a long turn.
    public var stuckThreads = 0
    /// Threads that are lost for ever.
    public var parkedThreads = 0
    /// CPU time of the process.
    public var cpuMicroseconds = 0

    /// Nothing.
    public init() {}

    private static let places: [any WritableKeyPath<ShardFigures, Int> & Sendable] = [
        \.workers, \.isolates, \.blankIsolates, \.inFlight, \.queued, \.heldBytes, \.threads, \.stuckThreads,
        \.parkedThreads, \.cpuMicroseconds,
    ]

    func write(into buffer: inout ByteBuffer) { for place in Self.places { buffer.write(count: self[keyPath: place]) } }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        for place in Self.places { self[keyPath: place] = try reader.count(atMost: 1 << 48) }
    }
}

/// How a worker is in one shard now.
public struct WorkerLoad: Sendable, Hashable {
    /// Isolates that have it.
    public var isolates = 0
    /// Requests that wait.
    public var queued = 0
    /// Memory of its isolates, in bytes.
    public var heldBytes = 0

    /// The most that are asked for at a time.
    public static let most = 1000

    /// Nothing.
    public init() {}

    private static let places: [any WritableKeyPath<WorkerLoad, Int> & Sendable] = [
        \.isolates, \.queued, \.heldBytes,
    ]

    func write(into buffer: inout ByteBuffer) { for place in Self.places { buffer.write(count: self[keyPath: place]) } }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        for place in Self.places { self[keyPath: place] = try reader.count(atMost: 1 << 48) }
    }
}

/// A line that a worker gave to console.
public struct LineDescription: Sendable, Hashable {
    /// The dispatch; 0: while modules were evaluated.
    public var dispatch: UInt32
    /// The worker's name, where there is no dispatch; it counts only if the shard has such a worker.
    public var worker = ""
    /// The version's number.
    public var version = 0
    /// log, info, debug, warn or error.
    public var level: String
    /// As console shows it.
    public var message: String
    /// In milliseconds since 1970.
    public var time: Double

    /// A line.
    public init(dispatch: UInt32, level: String, message: String, time: Double) {
        self.dispatch = dispatch
        self.level = level
        self.message = message
        self.time = time
    }

    static let mostMessageBytes = 192 << 10

    func write(into buffer: inout ByteBuffer) {
        buffer.write(dispatch)
        buffer.write(worker)
        buffer.write(count: version)
        buffer.write(level, atMost: 16)
        buffer.write(message, atMost: Self.mostMessageBytes)
        buffer.write(time)
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        dispatch = try reader.integer()
        worker = try reader.string(atMost: 256)
        version = try reader.count(atMost: 1 << 48)
        level = try reader.string(atMost: 16)
        message = try reader.string(atMost: Self.mostMessageBytes)
        time = try reader.double()
        guard time.isFinite else { throw reader.malformed("no time") }
    }
}

/// What is wrong with a version that was tried.
public struct FaultDescription: Sendable, Hashable {
    /// What failed, as a word.
    public var kind: String
    /// What is wrong and what would be right.
    public var message: String
    /// The module, as its URL; empty where it is about none.
    public var file = ""
    /// From 1 on; 0: unknown.
    public var line = 0
    /// From 1 on; 0: unknown.
    public var column = 0
    /// The text of that line.
    public var sourceLine = ""
    /// With positions.
    public var stack = ""
    /// The error's stable word.
    public var code: String?

    /// A fault of no place.
    public init(kind: String, message: String) {
        self.kind = kind
        self.message = message
    }

    static let most = 100
    private static let mostBytes = 2 << 10

    func write(into buffer: inout ByteBuffer) {
        buffer.write(kind, atMost: 64)
        for text in [message, file, sourceLine, stack] { buffer.write(text, atMost: Self.mostBytes) }
        buffer.write(count: line)
        buffer.write(count: column)
        buffer.write(optional: code) { $0.write($1, atMost: 256) }
    }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        kind = try reader.string(atMost: 64)
        message = try reader.string(atMost: Self.mostBytes)
        file = try reader.string(atMost: Self.mostBytes)
        sourceLine = try reader.string(atMost: Self.mostBytes)
        stack = try reader.string(atMost: Self.mostBytes)
        line = try reader.count(atMost: 1 << 40)
        column = try reader.count(atMost: 1 << 40)
        code = try reader.optional { (reader) throws(ProtocolError) in try reader.string(atMost: 256) }
    }
}

/// A limit that a dispatch came near to.
public enum ApproachedLimit: UInt8, Sendable, CaseIterable {
    case cpu
    case wall
    case memory
}

/// A thread that is lost for ever, with the isolates on it.
public struct LostThreadNotice: Sendable, Hashable {
    /// The worker that was inside; empty: unknown.
    public var worker: String
    /// Lost threads by now.
    public var parkedThreads: Int

    /// A notice.
    public init(worker: String, parkedThreads: Int) {
        self.worker = worker
        self.parkedThreads = parkedThreads
    }
}
