// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// A text that came from outside, quoted and cut short for a message.
func quote(_ text: String) -> String { HostError.quote(text) }

/// An object of a manifest, all of whose members must be known. `null` is as good as absent.
struct ManifestReader {
    let path: String
    private let members: [String: JSONValue]

    /// - Parameter names: the members there may be; `nil` is any.
    init(_ value: JSONValue, at path: String = "", members names: [String]? = nil) throws(ManifestError) {
        guard case .object(let members) = value else {
            throw ManifestError(path, "an object is expected, not \(value.words)")
        }
        self.path = path
        self.members = members.filter { $0.value != .null }
        guard let names else { return }
        for name in members.keys.sorted() where !names.contains(name) {
            throw ManifestError(
                ManifestError.member(name, of: path),
                "there is no \(quote(name)) here; there are \(names.joined(separator: ", "))")
        }
    }

    func path(of name: String) -> String { ManifestError.member(name, of: path) }

    var names: [String] { members.keys.sorted() }

    func value(_ name: String) -> JSONValue? { members[name] }

    /// - Throws: where it is absent or no text.
    func text(_ name: String) throws(ManifestError) -> String {
        guard let text = try optionalText(name) else { throw ManifestError(path(of: name), "a text is needed here") }
        return text
    }

    func optionalText(_ name: String) throws(ManifestError) -> String? {
        switch members[name] {
        case nil: return nil
        case .text(let text): return text
        case let other?: throw ManifestError(path(of: name), "a text is expected, not \(other.words)")
        }
    }

    func boolean(_ name: String, or standard: Bool) throws(ManifestError) -> Bool {
        switch members[name] {
        case nil: return standard
        case .boolean(let value): return value
        case let other?: throw ManifestError(path(of: name), "true or false is expected, not \(other.words)")
        }
    }

    func integer(_ name: String) throws(ManifestError) -> Int? {
        switch members[name] {
        case nil: return nil
        case .integer(let value): return value
        case let other?: throw ManifestError(path(of: name), "a whole number is expected, not \(other.words)")
        }
    }

    /// One of the values of a type, by its name.
    func choice<T: RawRepresentable<String> & CaseIterable>(_ name: String, or standard: T) throws(ManifestError) -> T {
        guard let text = try optionalText(name) else { return standard }
        guard let value = T(rawValue: text) else {
            let choices = T.allCases.map { quote($0.rawValue) }.joined(separator: " or ")
            throw ManifestError(path(of: name), "\(choices) is expected, not \(quote(text))")
        }
        return value
    }

    func object(_ name: String, members names: [String]? = nil) throws(ManifestError) -> ManifestReader? {
        guard let value = members[name] else { return nil }
        return try ManifestReader(value, at: path(of: name), members: names)
    }

    func texts(_ name: String) throws(ManifestError) -> [String] {
        guard let value = members[name] else { return [] }
        guard case .list(let items) = value else {
            throw ManifestError(path(of: name), "a list of texts is expected, not \(value.words)")
        }
        var texts: [String] = []
        for (index, item) in items.enumerated() {
            guard case .text(let text) = item else {
                throw ManifestError("\(path(of: name))[\(index)]", "a text is expected, not \(item.words)")
            }
            texts.append(text)
        }
        return texts
    }
}
