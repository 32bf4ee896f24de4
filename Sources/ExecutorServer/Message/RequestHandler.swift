// SPDX-License-Identifier: Apache-2.0

/// Answers requests. All calls come on event loops: it takes the request and returns, and answers through the exchange
/// from wherever it likes.
public protocol RequestHandler: Sendable {
    /// Takes a request. Its answer is who is told if the client leaves before the exchange is over.
    func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)?
    /// Requests were handed over, and no more of this turn of the loop come: what was gathered can go to other threads
    /// at once. `loop` counts from 0 to below `FrontOptions.loops`, and its calls come one after another.
    func turnEnded(loop: Int)
}

extension RequestHandler {
    /// Does nothing.
    public func turnEnded(loop: Int) {}
}

/// Is told that a client leaves.
public protocol ExchangeObserver: AnyObject, Sendable {
    /// Comes on an event loop, at most once of each kind, and not after the exchange is over.
    func clientLeft(_ exchange: Exchange, _ how: ClientDeparture)
}

/// How a client leaves before it has its answer.
public enum ClientDeparture: Sendable, Hashable {
    /// It sends nothing more. It may still read: most that do this have gone, but `nc -N` and the like have not.
    case endedSending
    /// The connection or stream is gone. Whatever the exchange is told comes to nothing.
    case disconnected
}

/// What became of bytes for a client.
public enum WriteResult: Sendable, Hashable {
    /// More may come.
    case ready
    /// The exchange is over: the client left, a limit was passed, or the response was finished or aborted before.
    case closed
}
