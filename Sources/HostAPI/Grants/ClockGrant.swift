// SPDX-License-Identifier: Apache-2.0

/// The grant to know the time: as it is, or one moment for ever.
public struct ClockGrant: HostGrant, Hashable {
    /// The moment at which time stands, in milliseconds since 1970; `nil` is the time as it is.
    public var frozenAt: Double?
    /// What the time is rounded down to, in microseconds, above zero. The coarser, the less a script learns by timing.
    public var resolution: Int

    /// A grant of the time.
    public init(frozenAt: Double? = nil, resolution: Int = 1) {
        self.frozenAt = frozenAt
        self.resolution = max(1, resolution)
    }

    /// Frozen if one of them is, at the moment of this one rather than the other; as coarse as the coarser.
    public func narrowed(by other: ClockGrant) -> ClockGrant {
        ClockGrant(frozenAt: frozenAt ?? other.frozenAt, resolution: max(resolution, other.resolution))
    }

    /// Decodes `{"frozenAt":…,"resolution":…}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["frozenAt", "resolution"])
        self.init(
            frozenAt: try container.value("frozenAt", or: nil), resolution: try container.value("resolution", or: 1))
    }

    /// Encodes both.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encodeIfPresent(frozenAt, forKey: GrantKey("frozenAt"))
        try container.encode(resolution, forKey: GrantKey("resolution"))
    }
}

/// The grant of random numbers: the system's, or those that follow from a seed.
public struct RandomGrant: HostGrant, Hashable {
    /// The seed; `nil` is numbers that nobody can foresee.
    public var seed: UInt64?

    /// A grant of random numbers.
    public init(seed: UInt64? = nil) { self.seed = seed }

    /// Seeded if one of them is, by this one's seed rather than the other's.
    public func narrowed(by other: RandomGrant) -> RandomGrant { RandomGrant(seed: seed ?? other.seed) }

    /// Decodes `{"seed":…}`.
    public init(from decoder: any Decoder) throws {
        seed = try decoder.strictContainer(["seed"]).value("seed", or: nil)
    }

    /// Encodes the seed.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encodeIfPresent(seed, forKey: GrantKey("seed"))
    }
}
