// SPDX-License-Identifier: Apache-2.0

/// What a binding keeps for one dispatch between its calls, such as open connections.
public protocol Kept: AnyObject, Sendable {
    /// Nothing is kept yet.
    init()
    /// The dispatch is over: everything is let go of. Called once, from any thread.
    func end()
}

extension HostCall {
    /// What the binding keeps for this dispatch; made by the first call that asks for it.
    /// - Throws: `cancelled` where the dispatch is over.
    public func kept<State: Kept>(_ type: State.Type) throws(HostError) -> State {
        try site.scope.kept(type, of: site.binding, for: operation)
    }
}
