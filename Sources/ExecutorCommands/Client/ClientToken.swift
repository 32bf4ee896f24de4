// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Registry

/// What a client shows to be let in.
struct ClientToken: Sendable {
    /// Where a token comes from.
    enum Source: Sendable, CustomStringConvertible {
        case environment
        case file(String)

        var description: String {
            switch self {
            case .environment: AdminToken.variable
            case .file(let path): path
            }
        }
    }

    let value: String
    let source: Source

    static let standardData = "./rookery-data"

    /// The token of the file that was named, of the environment, or of the data folder; nil where there is none, or
    /// that of the folder may not be read. A data folder that was not named belongs to a server of this machine: others
    /// are not shown its token.
    static func find(file: String?, data: String?, for address: AdminAddress) throws -> ClientToken? {
        if let file {
            let text = try OperatorFile(file).read()
            return try ClientToken(String(decoding: text, as: UTF8.self), .file(file))
        }
        if let text = Environment[AdminToken.variable] { return try ClientToken(text, .environment) }
        let path = (data ?? standardData) + "/" + AdminToken.fileName
        if data != nil {
            let text = try OperatorFile(path).read()
            return try ClientToken(String(decoding: text, as: UTF8.self), .file(path))
        }
        guard address.isLocal, let text = try? OperatorFile(path).read() else { return nil }
        return try ClientToken(String(decoding: text, as: UTF8.self), .file(path))
    }

    init(_ text: String, _ source: Source) throws {
        var token = text[...]
        while token.last?.isNewline == true { token.removeLast() }
        // What is put into a header.
        guard !token.isEmpty, token.utf8.count <= 1024, token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw CommandEnded(
                .wrongUsage, "\(source): a token has up to 1024 characters of printable ASCII without blanks")
        }
        value = String(token)
        self.source = source
    }
}
