// SPDX-License-Identifier: Apache-2.0

/// Which version is to be put into service again.
public struct RollbackManifest: Sendable, Hashable {
    /// Its number; `nil` is the one before the one in service.
    public let version: Int?

    /// Reads `{"version":N}`, `{}`, or nothing.
    /// - Throws: `ManifestError` for anything else.
    public init(json: [UInt8]) throws(ManifestError) {
        guard !json.isEmpty else {
            version = nil
            return
        }
        let reader = try ManifestReader(try JSONValue(parsing: json), members: ["version"])
        version = try reader.integer("version")
        guard let version, version < 1 else { return }
        throw ManifestError("version", "a whole number from 1 on is expected, not \(version)")
    }
}
