// SPDX-License-Identifier: Apache-2.0

/// The grant to read variables of the environment.
public struct EnvironmentGrant: HostGrant, Hashable {
    /// The names; `nil` is every one.
    public var names: Set<String>?

    /// A grant of these variables; `nil` is every one.
    public init(names: Set<String>?) { self.names = names }

    /// Whether a variable is granted.
    public func allows(_ name: String) -> Bool { names?.contains(name) ?? true }

    /// The names that both grant.
    public func narrowed(by other: EnvironmentGrant) -> EnvironmentGrant {
        guard let mine = names, let theirs = other.names else { return EnvironmentGrant(names: names ?? other.names) }
        return EnvironmentGrant(names: mine.intersection(theirs))
    }

    /// Decodes `{"names":[…]}`, or `{}` for every name.
    public init(from decoder: any Decoder) throws {
        names = try decoder.strictContainer(["names"]).value("names", or: nil)
    }

    /// Encodes the names.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: GrantKey.self)
        try container.encodeIfPresent(names, forKey: GrantKey("names"))
    }
}
