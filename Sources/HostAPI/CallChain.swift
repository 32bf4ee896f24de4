// SPDX-License-Identifier: Apache-2.0

/// Which dispatches wait for one another in this process: that of a worker that another worker called, that one's, and
/// so on up to the one that came from outside.
///
/// Goes from scope to scope beside the messages: scripts neither see nor set it.
public final class CallChain: Sendable {
    /// How many dispatches wait for this one: 1 for that of a worker that was called first.
    public let depth: Int
    private let meter: Meter
    private let above: CallChain?

    /// A chain may become this long: 16.
    public static let mostDepth = 16

    /// - Parameter meter: that of the dispatch that calls.
    private init(above: CallChain?, meter: Meter) {
        self.above = above
        self.meter = meter
        depth = (above?.depth ?? 0) + 1
    }

    /// The chain of a call that a dispatch makes.
    ///
    /// The call counts as a request of that dispatch and of each that waits for it: otherwise workers that call each
    /// other could multiply what one request begins with every level.
    /// - Throws: `exhausted`.
    static func extend(_ call: CallSite) throws(HostError) -> CallChain {
        let chain = CallChain(above: call.scope.chain, meter: call.scope.meter)
        guard chain.depth <= mostDepth else {
            throw HostError(
                .exhausted,
                "\(mostDepth) workers wait for one another in this request, and the last may not call another one; "
                    + "see whether they call each other in a circle")
        }
        try call.charge(1, of: .subrequests)
        var charged: [Meter] = []
        var next = chain.above
        while let link = next {
            guard link.meter.take(1, of: .subrequests) else {
                for meter in charged { meter.giveBack(1, of: .subrequests) }
                call.giveBack(1, of: .subrequests)
                throw HostError(
                    .exhausted,
                    "a request that waits for this one has no subrequests left; a larger limit \"subrequests\" of its "
                        + "worker would allow the call")
            }
            charged.append(link.meter)
            next = link.above
        }
        return chain
    }
}

extension HostCall {
    /// Counts a call of another worker, as a request of this dispatch and of all that wait for it.
    /// - Returns: what the scope of the dispatch that it begins is to be made with.
    /// - Throws: `exhausted`, where the chain is too long or too many requests were made.
    public func extendChain() throws(HostError) -> CallChain { try CallChain.extend(site) }
}
