// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import FoundationEssentials

/// What an administrator shows to be let in. Descriptions and dumps do not show it; only its hash is kept.
public struct AdminToken: Sendable, CustomStringConvertible, CustomReflectable {
    /// The file in the data folder.
    public static let fileName = "admin-token"
    /// The variable of the environment.
    public static let variable = "ROOKERY_ADMIN_TOKEN"

    /// Where a token comes from.
    public enum Source: Sendable, Hashable {
        /// The environment.
        case environment
        /// The file in the data folder.
        case file
        /// The file in the data folder, which was made for it.
        case newFile
    }

    /// Where it comes from.
    public let source: Source
    private let hash: SHA256Digest

    /// The token of the environment, if it has one; or that of the data folder, where one is made of 256 random bits
    /// if there is none. Nobody else may read the file.
    /// - Parameter environment: the value of `ROOKERY_ADMIN_TOKEN`.
    /// - Throws: `RegistryError`: `exposed`, where others may read the file; `corrupt`, where a token is too short or
    ///   no header can carry it; or what keeps the file from being made.
    public init(environment: String?, in folder: DataFolder) throws(RegistryError) {
        if let environment {
            source = .environment
            hash = SHA256.hash(data: Data(try Self.checked(Array(environment.utf8), Self.variable)))
            return
        }
        if let stored = try folder.secretFile(Self.fileName) {
            var token = stored
            while token.last == UInt8(ascii: "\n") || token.last == UInt8(ascii: "\r") { token.removeLast() }
            source = .file
            hash = SHA256.hash(data: Data(try Self.checked(token, folder.path(of: Self.fileName))))
            return
        }
        let token = hexadecimal(randomKey())
        try folder.setSecretFile(Self.fileName, Array("\(token)\n".utf8))
        source = .newFile
        hash = SHA256.hash(data: Data(token.utf8))
    }

    private static func checked(_ token: [UInt8], _ place: String) throws(RegistryError) -> [UInt8] {
        guard (16...1024).contains(token.count), token.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw RegistryError(
                .corrupt, "\(place): a token has from 16 to 1024 characters of printable ASCII without blanks")
        }
        return token
    }

    /// Whether this is the token. How long that takes does not tell how much of it is right.
    public func matches(_ shown: some Sequence<UInt8>) -> Bool {
        let shown = Data(shown.prefix(1025))
        return shown.count <= 1024 && SHA256.hash(data: shown) == hash
    }

    /// That there is one.
    public var description: String { "AdminToken(\(source))" }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
