// SPDX-License-Identifier: Apache-2.0

/// What is wrong with a manifest: the fault of whoever deploys.
public struct ManifestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// It is no JSON, or does not say what a manifest says.
        case malformed
        /// It is larger than the operator allows.
        case tooLarge
    }

    /// The kind of fault.
    public let kind: Kind
    /// Where, as in `limits.cpuMilliseconds`, `crons[1]` or `modules["lib/a.js"]`; empty for the whole manifest.
    public let path: String
    /// What is wrong there and what would be right.
    public let message: String

    package init(_ path: String, _ message: String, kind: Kind = .malformed) {
        self.kind = kind
        self.path = path
        self.message = message
    }

    /// The path and the message.
    public var description: String { path.isEmpty ? message : "\(path): \(message)" }

    /// The same fault, found in a part at this path.
    func within(_ outer: String) -> ManifestError {
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return ManifestError(outer + separator + path, message, kind: kind)
    }

    /// What a decoder says of the part at a path.
    init(_ error: any Error, at path: String) {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
            let path = context.codingPath.reduce(path) { path, key in
                key.intValue.map { "\(path)[\($0)]" } ?? Self.member(key.stringValue, of: path)
            }
            self.init(path, context.underlyingError.map { "\($0)" } ?? context.debugDescription)
        default: self.init(path, "\(error)")
        }
    }

    /// The path of a member of the object at a path.
    package static func member(_ name: String, of path: String) -> String {
        let isPlain =
            !name.isEmpty && name.utf8.count <= 100
            && name.utf8.allSatisfy { (0x61...0x7a).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x5f }
        guard isPlain else { return "\(path)[\(quote(name))]" }
        return path.isEmpty ? name : "\(path).\(name)"
    }
}
