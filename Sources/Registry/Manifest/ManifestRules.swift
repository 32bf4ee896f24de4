// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
public import HostAPI

/// What manifests may say, by the operator's choice: how much of each, and which capabilities there are.
public struct ManifestRules: Sendable {
    /// The largest limits.
    public var most = WorkerLimits.most
    /// The most bytes that all modules of a version may have together.
    public var mostSourceBytes = 10 << 20
    /// The most modules of a version.
    public var mostModules = 2000
    /// The most bindings of a version.
    public var mostBindings = 128
    /// The most bytes of the grant of one binding, as JSON.
    public var mostGrantBytes = 64 << 10
    /// The most cron expressions of a version.
    public var mostCrons = 16

    /// By the name of a capability; `nil` is any grant of any capability.
    private var grants: [String: @Sendable ([UInt8]) throws -> Void]? = [:]

    /// The standard bounds, with the capabilities that every host has: `fetch`, `files` and `kv`.
    public init() {
        allow("fetch", grant: NetworkGrant.self)
        allow(Files.name, grant: FileGrant.self)
        allow(KeyValue.name, grant: KeyValueGrant.self)
    }

    /// The standard bounds, without any capability: those that are allowed are added.
    public static var withoutCapabilities: ManifestRules {
        var rules = ManifestRules()
        rules.grants = [:]
        return rules
    }

    /// What is in the registry was checked when it came, perhaps by other rules.
    static let stored: ManifestRules = {
        var rules = ManifestRules()
        rules.grants = nil
        return rules
    }()

    /// Allows bindings of a type, whose other members are a grant of this form.
    public mutating func allow<Grant: HostGrant>(_ type: String, grant: Grant.Type) {
        grants?[type] = { json in _ = try JSONDecoder().decode(Grant.self, from: Data(json)) }
    }

    /// Allows bindings of an embedder's capability, by its name.
    public mutating func allow<C: Capability>(_ capability: C.Type) { allow(C.name, grant: C.Grant.self) }

    /// The most bytes of a manifest as JSON: a server may refuse a longer one before it has read all of it.
    public var mostManifestBytes: Int { 2 * mostSourceBytes + (4 << 20) }

    /// Refuses a grant that its capability would not understand.
    func check(_ type: String, grant: [UInt8], path: String) throws(ManifestError) {
        guard let grants else { return }
        guard let check = grants[type] else {
            let types = (WorkerBinding.plainTypes + grants.keys.sorted()).joined(separator: ", ")
            throw ManifestError("\(path).type", "there is no type \(quote(type)) of bindings here; there are \(types)")
        }
        do {
            try check(grant)
        } catch {
            throw ManifestError(error, at: path)
        }
    }
}
