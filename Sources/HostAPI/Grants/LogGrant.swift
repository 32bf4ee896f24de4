// SPDX-License-Identifier: Apache-2.0

/// The grant to log so much in a dispatch.
public struct LogGrant: HostGrant, Hashable {
    /// Lines per dispatch; `nil` is no limit.
    public var lines: Int?
    /// Bytes of text per dispatch; `nil` is no limit.
    public var bytes: Int?

    /// A grant of so many lines and bytes.
    public init(lines: Int? = nil, bytes: Int? = nil) {
        self.lines = lines
        self.bytes = bytes
    }

    /// The same as limits.
    public var limits: HostLimits {
        var limits = HostLimits.none
        limits[.logLines] = lines
        limits[.logBytes] = bytes
        return limits
    }

    /// The smaller numbers.
    public func narrowed(by other: LogGrant) -> LogGrant {
        let both = limits.narrowed(by: other.limits)
        return LogGrant(lines: both[.logLines], bytes: both[.logBytes])
    }

    /// Decodes `{"lines":…,"bytes":…}`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.strictContainer(["lines", "bytes"])
        lines = try container.value("lines", or: nil)
        bytes = try container.value("bytes", or: nil)
    }

    /// Encodes what is bounded.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encodeIfPresent(lines, forKey: GrantKey("lines"))
        try container.encodeIfPresent(bytes, forKey: GrantKey("bytes"))
    }
}
