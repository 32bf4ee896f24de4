// SPDX-License-Identifier: Apache-2.0
import HostAPI

/// What is in stock: something of the shop's own that tenants' scripts may ask for.
///
/// A script with a binding of it says `await env.STOCK.count('nest box')`.
struct Stock: Capability {
    /// The things that a tenant may know of.
    struct Grant: HostGrant {
        var things: Set<String>
        func narrowed(by other: Grant) -> Grant { Grant(things: things.intersection(other.things)) }
    }

    static let name = "stock"
    /// How many there are, by thing.
    let counts: [String: Int]

    var operations: [Operation] {
        [
            // The grant is checked here, in Swift, at every call.
            Operation("count") { (thing: String, call) async throws(HostError) -> Int in
                try call.require(
                    call.grant.things.contains(thing), "counting \(thing)", allowedBy: "a stock grant of it")
                return counts[thing] ?? 0
            }
        ]
    }
}
