// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Random numbers.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `random.bytes` | how many, up to 65536 | bytes |
/// | `random.number` | | a number from 0 up to, and without, 1 |
public struct Random: Capability {
    /// `random`.
    public static let name = "random"

    /// Random numbers.
    public init() {}

    /// Which numbers.
    public typealias Grant = RandomGrant

    /// The numbers of one binding.
    public final class Access: Sendable {
        /// The state of a seeded generator; `nil` where the system's is used.
        private let state: Mutex<SeededGenerator?>

        init(_ seed: UInt64?) { state = Mutex(seed.map { SeededGenerator(state: $0) }) }

        func bytes(_ count: Int) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count + 7)
            while bytes.count < count {
                let number = next()
                for shift in stride(from: UInt64(0), to: 64, by: 8) {
                    bytes.append(UInt8(truncatingIfNeeded: number >> shift))
                }
            }
            bytes.removeLast(bytes.count - count)
            return bytes
        }

        func next() -> UInt64 { state.withLock { $0?.next() } ?? UInt64.random(in: .min ... .max) }
    }

    /// A generator of its own for each binding.
    public func open(_ grant: RandomGrant) throws(GrantError) -> Access { Access(grant.seed) }

    /// Whether nobody can foresee the numbers: those of a seed go on where they were.
    public func isPortable(_ grant: RandomGrant) -> Bool { grant.seed == nil }

    /// `bytes`, `number`.
    public var operations: [Operation] {
        [
            Operation(sync: "bytes") { (arguments: HostArguments, call) throws(HostError) in
                .bytes(call.access.bytes(try arguments.integer(0, in: 0...65536)))
            },
            Operation(sync: "number") { (_: HostArguments, call) throws(HostError) in
                .number(Double(call.access.next() >> 11) * 0x1p-53)
            },
        ]
    }
}

/// SplitMix64: the same numbers from the same seed on every machine, and none that are secret.
private struct SeededGenerator: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
