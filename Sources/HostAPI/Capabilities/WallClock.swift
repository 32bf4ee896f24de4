// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// The time.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `clock.now` | | milliseconds since 1970 |
public struct WallClock: Capability {
    /// `clock`.
    public static let name = "clock"
    private let now: @Sendable () -> Double

    /// The system's clock, or one that tells milliseconds since 1970.
    public init(now: @escaping @Sendable () -> Double = WallClock.systemTime) { self.now = now }

    /// The system's clock, in milliseconds since 1970.
    public static func systemTime() -> Double { Date().timeIntervalSince1970 * 1000 }

    /// Which time.
    public typealias Grant = ClockGrant

    /// `now`.
    public var operations: [Operation] {
        [
            Operation(sync: "now") { (_: HostArguments, call) throws(HostError) in
                let step = Double(call.grant.resolution) / 1000
                return .number(((call.grant.frozenAt ?? now()) / step).rounded(.down) * step)
            }
        ]
    }
}
