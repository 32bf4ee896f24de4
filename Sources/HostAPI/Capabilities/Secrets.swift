// SPDX-License-Identifier: Apache-2.0

/// Values that scripts use and never see. A script holds a placeholder, which the host replaces in headers of requests
/// whose rule names the secret, when they leave.
public struct Secrets: Sendable, CustomStringConvertible, CustomReflectable {
    private let values: [String: String]
    private let placeholders: [String: String]
    /// Longest first, so that a secret that is part of another does not spoil it.
    private let redactions: [(name: String, value: [UInt8])]

    /// No secrets.
    public static let none = Secrets(values: [:])

    /// Secrets by name; each gets a placeholder of its own, new each time.
    /// - Throws: `GrantError` for a malformed name, or a value that cannot stand in a header.
    public init(_ values: [String: String]) throws(GrantError) {
        for (name, value) in values {
            guard Self.isName(name) else { throw Self.badName(name) }
            guard !value.isEmpty, value.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 9 }) else {
                throw GrantError("the secret \(name) must have printable ASCII only, and at least one character")
            }
        }
        self.init(values: values)
    }

    private init(values: [String: String]) {
        self.values = values
        placeholders = values.mapValues { _ in
            let digits = String(UInt128.random(in: .min ... .max), radix: 16)
            return Self.mark + String(repeating: "0", count: 32 - digits.count) + digits
        }
        redactions = values.map { ($0.key, Array($0.value.utf8)) }.filter { $0.1.count >= Self.leastRedacted }
            .sorted { $0.1.count > $1.1.count }
    }

    private static let mark = "rookery-secret-"
    /// Shorter secrets are not looked for in logs: they would be found everywhere.
    private static let leastRedacted = 4

    /// The names.
    public var names: [String] { values.keys.sorted() }

    /// What a script gets instead of a secret.
    public func placeholder(_ name: String) -> String? { placeholders[name] }

    /// The value of a header that the host sets.
    /// - Throws: `unavailable` where there is no secret of a name in it.
    public func fill(_ template: HeaderTemplate) throws(HostError) -> String {
        var text = ""
        for part in template.parts {
            switch part {
            case .text(let part): text += part
            case .secret(let name):
                guard let value = values[name] else {
                    throw HostError(.unavailable, "the secret \(name) of this grant is not set; ask the operator")
                }
                text += value
            }
        }
        return text
    }

    /// The value of a header that a script set, with the secrets for their placeholders.
    /// - Throws: `denied` where it holds the placeholder of a secret that is not among `allowed`.
    public func fill(_ header: String, allowed: Set<String>) throws(HostError) -> String {
        guard !placeholders.isEmpty, header.utf8.contains(UInt8(ascii: "-")) else { return header }
        var bytes = Array(header.utf8)
        for (name, placeholder) in placeholders {
            let found = bytes.ranges(of: Array(placeholder.utf8))
            guard !found.isEmpty else { continue }
            guard allowed.contains(name), let value = values[name] else {
                throw .denied(
                    "sending the secret \(name) with this request",
                    allowedBy: "a fetch grant of its host with the secret \"\(name)\"")
            }
            bytes.replace(found, with: Array(value.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A text in which `[secret NAME]` stands for each secret of four bytes or more. Finds them as they are, not in
    /// another coding or in pieces.
    public func redact(_ text: String) -> String {
        guard !redactions.isEmpty else { return text }
        var bytes = Array(text.utf8)
        for (name, value) in redactions where bytes.count >= value.count {
            bytes.replace(bytes.ranges(of: value), with: Array("[secret \(name)]".utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Letters, digits and underscores, at most 128 of them.
    static func isName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x61...0x7a).contains($0 | 0x20) || $0 == UInt8(ascii: "_")
            }
    }

    static func badName(_ name: String) -> GrantError {
        GrantError("\(HostError.quote(name)) is no name of a secret: use letters, digits and underscores")
    }

    /// Names only.
    public var description: String { "Secrets(\(names.joined(separator: ", ")))" }
    /// Names only.
    public var customMirror: Mirror { Mirror(self, children: ["names": names]) }
}

extension [UInt8] {
    /// Where a pattern, not empty, is found; the places do not overlap.
    fileprivate func ranges(of pattern: [UInt8]) -> [Range<Int>] {
        guard let first = pattern.first, count >= pattern.count else { return [] }
        var found: [Range<Int>] = []
        var index = 0
        while index <= count - pattern.count {
            if self[index] == first, self[index..<index + pattern.count].elementsEqual(pattern) {
                found.append(index..<index + pattern.count)
                index += pattern.count
            } else {
                index += 1
            }
        }
        return found
    }

    fileprivate mutating func replace(_ ranges: [Range<Int>], with bytes: [UInt8]) {
        guard !ranges.isEmpty else { return }
        var result: [UInt8] = []
        var end = 0
        for range in ranges {
            result += self[end..<range.lowerBound] + bytes
            end = range.upperBound
        }
        self = result + self[end...]
    }
}
