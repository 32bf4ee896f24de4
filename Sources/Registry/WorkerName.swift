// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// The name of a worker, which is a label of its host name too: lower-case letters, digits and dashes, from 1 to 63,
/// with a letter or digit at both ends.
public struct WorkerName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// As it is written.
    public let description: String

    /// The name that a text is.
    /// - Throws: `ManifestError`, which says what a name must be.
    public init(_ text: String) throws(ManifestError) {
        guard let fault = Self.fault(of: Array(text.utf8.prefix(64))) else {
            description = text
            return
        }
        throw ManifestError("", "\(HostError.quote(text)) is no name of a worker: \(fault)")
    }

    private static func fault(of bytes: [UInt8]) -> String? {
        let dash = UInt8(ascii: "-")
        guard let first = bytes.first, let last = bytes.last else { return "it is empty" }
        guard bytes.allSatisfy({ (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == dash }) else {
            return "use lower-case letters, digits and dashes"
        }
        guard bytes.count <= 63 else { return "use at most 63 characters" }
        guard first != dash, last != dash else { return "begin and end it with a letter or digit" }
        guard bytes.count < 4 || bytes[2] != dash || bytes[3] != dash else {
            return "dashes as third and fourth character are reserved for other alphabets in names of hosts"
        }
        return nil
    }

    /// In the order of bytes, in which the registry lists.
    public static func < (left: WorkerName, right: WorkerName) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }
}
