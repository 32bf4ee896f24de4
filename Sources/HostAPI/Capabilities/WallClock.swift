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
    private let isSystem: Bool

    /// The system's clock.
    public init() {
        now = Self.systemTime
        isSystem = true
    }

    /// A clock that tells milliseconds since 1970.
    public init(now: @escaping @Sendable () -> Double) {
        self.now = now
        isSystem = false
    }

    /// The system's clock, in milliseconds since 1970.
    public static func systemTime() -> Double { Date().timeIntervalSince1970 * 1000 }

    /// Which time.
    public typealias Grant = ClockGrant

    /// Whether it is the system's.
    public func isPortable(_ grant: ClockGrant) -> Bool { isSystem }

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
