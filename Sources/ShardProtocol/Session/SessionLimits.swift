// SPDX-License-Identifier: Apache-2.0
internal import NIOCore

/// What may be under way between a supervisor and one shard. A shard that keeps to them never meets the supervisor's
/// refusal: it counts no later than the supervisor does.
public struct SessionLimits: Sendable, Hashable {
    /// Dispatches under way, that wait in the shard included.
    public var mostDispatches = 8192
    /// Isolates that have called the host outside of dispatches, as while their modules were evaluated.
    public var mostStarts = 8192
    /// Calls of one dispatch to the host that are not answered.
    public var mostCallsPerDispatch = 1024
    /// Calls of all dispatches that are not answered.
    public var mostCalls = 32768
    /// Streams that each side has begun and that are open, bodies included.
    public var mostStreams = 4096
    /// Those of one dispatch.
    public var mostStreamsPerDispatch = 128
    /// WebSockets that are open: each has two streams that count for nothing else.
    public var mostSockets = 20_000
    /// Bytes of one stream that may be sent before the other side has used any; 4 KiB to 16 MiB.
    public var window = 64 << 10
    /// Bytes of console lines of one dispatch beyond those of its worker; of lines of no dispatch, 16 times as many.
    public var logSlack = 64 << 10
    /// Heartbeats and notices between two pings, one of which answers each heartbeat.
    public var mostNotices = 256

    /// The least and the most that a window may be, in bytes.
    static let windows = 4 << 10...16 << 20

    /// The standard ones.
    public init() {}

    private static let places: [any WritableKeyPath<SessionLimits, Int> & Sendable] = [
        \.mostDispatches, \.mostStarts, \.mostCallsPerDispatch, \.mostCalls, \.mostStreams, \.mostStreamsPerDispatch,
        \.mostSockets,
        \.window, \.logSlack, \.mostNotices,
    ]

    func write(into buffer: inout ByteBuffer) { for place in Self.places { buffer.write(count: self[keyPath: place]) } }

    init(_ reader: inout WireReader) throws(ProtocolError) {
        for place in Self.places { self[keyPath: place] = try reader.count(atMost: 1 << 30) }
        guard Self.windows.contains(window) else { throw reader.malformed("a window of \(window) bytes") }
    }
}
