// SPDX-License-Identifier: Apache-2.0

/// A key of a grant as an operator writes it.
struct GrantKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// An object that has no keys but these. `type`, by which a manifest says which capability a grant is of, may
    /// always be there.
    func strictContainer(_ names: [String]) throws -> KeyedDecodingContainer<GrantKey> {
        let container = try container(keyedBy: GrantKey.self)
        for key in container.allKeys where key.stringValue != "type" && !names.contains(key.stringValue) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: container.codingPath + [key],
                    debugDescription: "there is no \(HostError.quote(key.stringValue)) here; there are "
                        + names.joined(separator: ", ")))
        }
        return container
    }

    /// A text that is parsed by what throws `GrantError`.
    func parsedText<T>(_ parse: (String) throws(GrantError) -> T) throws -> T {
        let container = try singleValueContainer()
        do throws(GrantError) {
            return try parse(try container.text())
        } catch {
            throw DecodingError.dataCorrupted(
                .init(codingPath: container.codingPath, debugDescription: error.description))
        }
    }
}

extension SingleValueDecodingContainer {
    fileprivate func text() throws(GrantError) -> String {
        do {
            return try decode(String.self)
        } catch {
            throw GrantError("a text is expected")
        }
    }
}

extension KeyedDecodingContainer<GrantKey> {
    func value<T: Decodable>(_ name: String, _ type: T.Type = T.self, or standard: T) throws -> T {
        try decodeIfPresent(type, forKey: GrantKey(name)) ?? standard
    }
}
