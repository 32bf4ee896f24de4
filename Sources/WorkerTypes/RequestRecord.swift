// SPDX-License-Identifier: Apache-2.0

/// What one dispatch of a worker was and used: there is exactly one for each request and each scheduled run, and one for
/// each WebSocket, when it is closed.
public struct RequestRecord: Sendable, Codable, Equatable {
    /// What began the dispatch.
    public enum Kind: String, Sendable, Codable {
        case fetch
        case scheduled
        /// A WebSocket that a request has opened, from then to its end: its `status` is the code that it was closed with,
        /// its bytes are those of messages.
        case socket
    }

    /// What served it.
    public enum Start: String, Sendable, Codable, CaseIterable {
        /// An isolate that had the worker.
        case warm
        /// An isolate that was made for it, or had yet to take up the worker.
        case cold
    }

    /// Unique in the process; the request's.
    public var id: UInt64
    /// The worker's name.
    public var worker: String
    /// The version's number.
    public var version: Int
    /// What began it.
    public var kind = Kind.fetch
    /// When it came, in milliseconds since 1970.
    public var time: Double = 0
    /// The method; of a scheduled run the cron expression.
    public var method = ""
    /// The URL as the worker saw it, without its query.
    public var url = ""
    /// The status that the client got; 0 where there was none.
    public var status = 0
    /// How it ended.
    public var outcome = Outcome.ok
    /// Whether its isolate was there.
    public var start = Start.warm
    /// Elapsed time from the request to the worker's first instruction for it.
    public var waitMicroseconds = 0
    /// What the dispatch used; `wallMicroseconds` counts from the request to the end of everything that it began.
    public var usage = Usage()
    /// Bytes of the request's body.
    public var requestBytes = 0
    /// Bytes of the response's body.
    public var responseBytes = 0
    /// The id of the trace (W3C Trace Context), 32 hexadecimal digits, if there is one.
    public var trace: String?
    /// What was uncaught, as `Name: message`; `nil` where nothing was.
    public var error: String?
    /// With positions, in terms of the original source.
    public var stack: String?

    /// A record of nothing yet.
    public init(id: UInt64, worker: String, version: Int) {
        self.id = id
        self.worker = worker
        self.version = version
    }
}

/// A line that a dispatch gave to console.
public struct WorkerLogLine: Sendable, Codable, Equatable {
    /// The dispatch's; 0 while the modules were evaluated.
    public var id: UInt64
    /// The worker's name.
    public var worker: String
    /// The version's number.
    public var version: Int
    /// log, info, debug, warn or error.
    public var level: String
    /// As console shows it.
    public var message: String
    /// In milliseconds since 1970.
    public var time: Double

    /// A line.
    public init(id: UInt64, worker: String, version: Int, level: String, message: String, time: Double) {
        self.id = id
        self.worker = worker
        self.version = version
        self.level = level
        self.message = message
        self.time = time
    }
}
