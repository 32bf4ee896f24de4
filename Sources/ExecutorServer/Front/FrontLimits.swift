// SPDX-License-Identifier: Apache-2.0

/// What the clients of a front may use. Everything that a client can make larger is here.
public struct FrontLimits: Sendable, Hashable {
    /// A request's line and header fields, in bytes; more is answered with 431.
    public var headBytes = 32 << 10
    /// Path and query, in bytes; more is answered with 414.
    public var targetBytes = 8 << 10
    /// Header fields of a request, and those after a chunked body; more is answered with 431.
    public var headerFields = 100
    /// A request's body in bytes, announced or counted; more is answered with 413.
    public var bodyBytes = 100 << 20
    /// A body whose announced length is at most this is handed over whole, in bytes: slow senders keep the front
    /// waiting, and no worker.
    public var collectedBody = 64 << 10
    /// What may wait for a reader of a streamed body, in bytes, before the client has to wait.
    public var bodyWindow = 128 << 10
    /// Requests of one connection that are worked on at once.
    public var requestsInFlight = 16
    /// Streams of one HTTP/2 connection at once.
    public var streams = 100
    /// Connections at once. Past it new ones are answered with 503, and idle ones are closed early from 7/8 of it on.
    public var connections = 20_000
    /// A message of a WebSocket in bytes, whole; more closes it with 1009.
    public var messageBytes = 1 << 20

    /// From the first byte of a head to its last, or from the opening of a connection.
    public var headTime = Duration.seconds(10)
    /// Between two requests.
    public var idleTime = Duration.seconds(60)
    /// Between two requests where places are short, from 7/8 of `connections` on.
    public var crowdedIdleTime = Duration.seconds(1)
    /// Without a byte of a body that is waited for, or of a response that is not taken.
    public var progressTime = Duration.seconds(30)
    /// From a request's head to its response's end; `nil` is no limit. Not of WebSockets.
    public var totalTime: Duration? = .seconds(3600)
    /// For a client to close after the last response, in which what it sends is thrown away: closing at once would
    /// take the response from it.
    public var lingerTime = Duration.seconds(2)
    /// How exactly the times are kept: all of a loop's connections are looked at once in it.
    public var tick = Duration.milliseconds(500)

    /// The limits that the properties say.
    public init() {}
}
