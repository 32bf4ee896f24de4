// SPDX-License-Identifier: Apache-2.0

/// A call under way: who calls, under which grant, and what may still be used.
public struct HostCall<Access: Sendable>: Sendable {
    /// What the binding keeps; the grant itself where the capability has nothing else.
    public let access: Access
    let site: CallSite

    /// The grant, where it is all that the operations need.
    public var grant: Access { access }
    /// Who calls: the label that the embedder gave the scope.
    public var caller: String { site.scope.caller }
    /// The number of the dispatch that calls, where the embedder gave its scope one; 0: none.
    public var dispatch: UInt64 { site.scope.dispatch }
    /// The name under which the script was granted this.
    public var binding: String { site.binding.name }
    /// The operation's full name, as in `kv.get`.
    public var operation: String { site.operation }

    /// Refuses a call that is not granted; `what` and `grant` complete "… is not granted; … would allow it".
    /// - Throws: `denied`, unless the condition holds.
    public func require(
        _ condition: Bool, _ what: @autoclosure () -> String, allowedBy grant: @autoclosure () -> String
    ) throws(HostError) {
        guard condition else { throw .denied(what(), allowedBy: grant()) }
    }

    /// Takes from what the dispatch may use, of the binding's limit and the scope's, or takes nothing.
    /// - Throws: `exhausted`.
    public func charge(_ amount: Int, of quantity: Quantity) throws(HostError) { try site.charge(amount, of: quantity) }

    /// Takes a place of a bounded number that lasts until the permit is let go of.
    /// - Throws: `exhausted`.
    public func permit(_ amount: Int = 1, of quantity: Quantity) throws(HostError) -> Permit {
        try site.charge(amount, of: quantity)
        return Permit(site: site, amount: amount, quantity: quantity)
    }

    /// What may still be used of a quantity; `Int.max` where nothing bounds it.
    public func remaining(_ quantity: Quantity) -> Int {
        min(site.scope.meter.remaining(quantity), site.meter?.remaining(quantity) ?? .max)
    }

    /// How often something was used up to now in this dispatch, whatever the binding.
    public func used(_ quantity: Quantity) -> Int { site.scope.meter.used(quantity) }

    /// Whether nobody waits for the answer any more.
    public var isCancelled: Bool { site.pending?.isCancelled ?? site.scope.hasEnded }

    /// Runs something, once, when the call is cancelled before it was answered; at once if it is already.
    public func onCancel(_ handler: @escaping @Sendable () -> Void) { site.pending?.onCancel(handler) }
}

/// A place of a bounded number, given back when the last reference goes.
public final class Permit: Sendable {
    private let site: CallSite
    private let amount: Int
    private let quantity: Quantity

    init(site: CallSite, amount: Int, quantity: Quantity) {
        self.site = site
        self.amount = amount
        self.quantity = quantity
    }

    deinit { site.giveBack(amount, of: quantity) }
}

/// A call without the type of its grant.
struct CallSite: Sendable {
    let scope: CallScope
    let binding: HostBinding
    let operation: String
    /// The binding's own, where its grant has limits.
    let meter: Meter?
    /// Of an operation that answers later.
    var pending: PendingCall?

    func charge(_ amount: Int, of quantity: Quantity) throws(HostError) {
        try meter?.take(amount, of: quantity, by: binding.name)
        do throws(HostError) {
            try scope.meter.take(amount, of: quantity, by: nil)
        } catch {
            meter?.giveBack(amount, of: quantity)
            throw error
        }
    }

    func giveBack(_ amount: Int, of quantity: Quantity) {
        meter?.giveBack(amount, of: quantity)
        scope.meter.giveBack(amount, of: quantity)
    }
}
