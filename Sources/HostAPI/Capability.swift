// SPDX-License-Identifier: Apache-2.0

/// Something that scripts can be granted: a name, a form of grant, and operations that check it.
///
/// A capability is made once and shared by all who are granted it. What one binding keeps (open folders, counters)
/// is its `Access`; where the grant itself is enough, leave `Access` and `open(_:)` out.
public protocol Capability: Sendable {
    /// What an operator writes to grant it.
    associatedtype Grant: HostGrant
    /// What its operations find in `call.access`.
    associatedtype Access: Sendable = Grant
    /// One of its operations.
    typealias Operation = HostOperation<Access>

    /// Its name in tables and in manifests: lower-case letters, digits and dashes.
    static var name: String { get }

    /// Prepares what operations need, once for each binding.
    /// - Throws: `GrantError`, where what the grant names cannot be used.
    func open(_ grant: Grant) throws(GrantError) -> Access

    /// Whether what is granted needs nothing of this process: then another one that scripts are in does it itself.
    func isPortable(_ grant: Grant) -> Bool

    /// All operations, always the same ones in the same order.
    var operations: [Operation] { get }
}

extension Capability {
    /// It is done where it was granted.
    public func isPortable(_ grant: Grant) -> Bool { false }
}

extension Capability where Access == Grant {
    /// The grant as it is.
    public func open(_ grant: Grant) throws(GrantError) -> Grant { grant }
}

/// Authority as data: what an operator writes, and what every operation checks.
///
/// A grant decodes strictly: a key that it does not know is an error, since a misspelt restriction restricts nothing.
public protocol HostGrant: Codable, Sendable, Equatable {
    /// The grant that allows what both allow, and nothing else.
    func narrowed(by other: Self) -> Self
    /// What one dispatch may use under this grant, beside what it may use altogether.
    var limits: HostLimits { get }
}

extension HostGrant {
    /// None of its own.
    public var limits: HostLimits { .none }
}

/// The grant of a capability that one has or has not.
public struct WholeGrant: HostGrant {
    /// The grant.
    public init() {}
    /// The grant.
    public func narrowed(by other: WholeGrant) -> WholeGrant { other }
}
