// SPDX-License-Identifier: Apache-2.0

/// The value of a header that the host sets, with `${NAME}` where a secret goes: `Bearer ${TOKEN}`.
public struct HeaderTemplate: Sendable, Hashable, Codable, CustomStringConvertible {
    enum Part: Sendable, Hashable {
        case text(String)
        case secret(String)
    }

    let parts: [Part]
    /// As it was written; holds no secret.
    public let description: String

    /// Parses a template. A dollar sign that is not followed by a brace is itself.
    /// - Throws: `GrantError` for what cannot be the value of a header, or an unfinished or malformed `${NAME}`.
    public init(_ text: String) throws(GrantError) {
        guard text.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 9 }), text.utf8.count <= 4096 else {
            throw GrantError(
                "the header value \(HostError.quote(text)) may have printable ASCII only, at most 4096 of it")
        }
        var parts: [Part] = []
        var rest = text[...]
        while let start = Self.mark(in: rest) {
            if start > rest.startIndex { parts.append(.text(String(rest[..<start]))) }
            let inner = rest[rest.index(start, offsetBy: 2)...]
            guard let end = inner.firstIndex(of: "}") else {
                throw GrantError("the header value \(HostError.quote(text)) has a ${ without its }")
            }
            let name = String(inner[..<end])
            guard Secrets.isName(name) else { throw Secrets.badName(name) }
            parts.append(.secret(name))
            rest = inner[inner.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
        description = text
    }

    private static func mark(in text: Substring) -> Substring.Index? {
        text.indices.first { text[$0...].hasPrefix("${") }
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        self = try decoder.parsedText { text throws(GrantError) in try HeaderTemplate(text) }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
