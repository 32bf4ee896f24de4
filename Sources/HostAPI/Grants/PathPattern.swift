// SPDX-License-Identifier: Apache-2.0

/// Which paths a rule is about: `/v1/users`, `/v1/*/posts` (any one segment), `/public/**` (everything below).
///
/// Segments are compared after percent-decoding. A path that a server could read as another one never matches:
/// dot segments in any coding, encoded slashes and backslashes, NUL, codings within codings.
public struct PathPattern: Sendable, Hashable, Codable, CustomStringConvertible {
    private enum Segment: Sendable, Hashable {
        case literal([UInt8])
        case any
    }

    private let segments: [Segment]
    private let isOpen: Bool
    /// As it was written.
    public let description: String

    /// Parses a pattern; its literal parts may be percent-encoded.
    /// - Throws: `GrantError`, which says what to write instead.
    public init(_ text: String) throws(GrantError) {
        let shown = HostError.quote(text)
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].isEmpty else { throw GrantError("the path \(shown) must begin with a slash") }
        parts.removeFirst()
        isOpen = parts.last?.elementsEqual("**".utf8) == true
        if isOpen { parts.removeLast() }
        var segments: [Segment] = []
        for part in parts {
            if part.elementsEqual("*".utf8) {
                segments.append(.any)
            } else if part.contains(UInt8(ascii: "*")) {
                throw GrantError("the path \(shown): a * stands for a whole segment, ** only at the end")
            } else if let plain = Self.decode(part), part.allSatisfy({ !"?#".utf8.contains($0) }) {
                segments.append(.literal(plain))
            } else {
                throw GrantError("the path \(shown) has a segment that no path can safely have, such as \"..\"")
            }
        }
        self.segments = segments
        description = text
    }

    /// Whether the pattern is about a path, percent-encoded and without its query.
    public func matches(_ path: String) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first?.isEmpty == true, isOpen ? parts.count > segments.count : parts.count == segments.count + 1
        else { return false }
        for (index, part) in parts.dropFirst().enumerated() {
            guard let plain = Self.decode(part) else { return false }
            guard index < segments.count else { continue }
            switch segments[index] {
            case .literal(let wanted): if plain != wanted { return false }
            case .any: if plain.isEmpty { return false }
            }
        }
        // "/public/**" is not about "/public", which can be another resource.
        return !isOpen || parts.count > segments.count + 1
    }

    /// A segment without percent-coding; `nil` where servers could differ about what it says.
    private static func decode(_ segment: Substring.UTF8View) -> [UInt8]? {
        var plain: [UInt8] = []
        var rest = segment
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                plain.append(high << 4 | low)
            } else {
                plain.append(byte)
            }
        }
        // A coding that is left is one within a coding, or a percent sign that some server decodes once more.
        guard plain.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && !"/\\%".utf8.contains($0) }) else { return nil }
        // Some servers take what follows a semicolon for parameters of the segment.
        let name = plain.prefix { $0 != UInt8(ascii: ";") }
        guard !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) else { return nil }
        return plain
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        self = try decoder.parsedText { text throws(GrantError) in try PathPattern(text) }
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
