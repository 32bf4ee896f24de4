// SPDX-License-Identifier: Apache-2.0

/// An import map, as the HTML Standard defines it: what bare and URL-like specifiers stand for.
package struct ImportMap: Sendable {
    /// What the map says that has no effect, for the operator's eyes.
    package private(set) var warnings: [String] = []

    private var imports = SpecifierMap()
    /// Longest prefix first.
    private var scopes: [(prefix: String, imports: SpecifierMap)] = []

    /// A map without entries: bare specifiers are errors.
    package init() {}

    /// Parses a map; relative addresses in it are resolved against `base`. Entries that mean nothing are left out
    /// with a warning; `integrity` is ignored.
    package init(json: some Sequence<UInt8>, base: ModuleURL) throws(ImportMapError) {
        let map: JSONValue
        do {
            map = try JSONText.parse(Array(json))
        } catch {
            throw ImportMapError(
                message: "The import map is not JSON: \(error.message) at line \(error.line), column \(error.column)",
                line: error.line, column: error.column)
        }
        guard case .object(let members) = map else {
            throw ImportMapError("An import map must be a JSON object")
        }
        for member in members where !["imports", "scopes", "integrity"].contains(member.key) {
            warnings.append("\(ModuleError.quote(member.key)) is not a part of an import map")
        }
        if let value = map["imports"] {
            guard case .object(let entries) = value else {
                throw ImportMapError("\"imports\" in an import map must be an object")
            }
            imports = SpecifierMap(entries, base: base, warnings: &warnings)
        }
        if let value = map["scopes"] {
            guard case .object(let entries) = value else {
                throw ImportMapError("\"scopes\" in an import map must be an object")
            }
            try readScopes(entries, base: base)
        }
    }

    private mutating func readScopes(_ entries: [JSONValue.Member], base: ModuleURL) throws(ImportMapError) {
        var byPrefix: [String: SpecifierMap] = [:]
        for entry in entries {
            guard case .object(let imports) = entry.value else {
                throw ImportMapError("The scope \(ModuleError.quote(entry.key)) in an import map must be an object")
            }
            guard let prefix = base.resolving(entry.key) else {
                warnings.append("The scope \(ModuleError.quote(entry.key)) is not a URL")
                continue
            }
            byPrefix[prefix.text] = SpecifierMap(imports, base: base, warnings: &warnings)
        }
        scopes = byPrefix.map { (prefix: $0.key, imports: $0.value) }.sorted { $0.prefix > $1.prefix }
    }

    /// The module a specifier names in the module `referrer`. Schemes are not checked here.
    package func resolve(_ specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL {
        let url = referrer.resolving(specifier: specifier)
        let name = url?.text ?? specifier
        for scope in scopes {
            let prefix = scope.prefix.utf8
            let isInside = prefix.last == UInt8(ascii: "/") && referrer.text.utf8.starts(with: prefix)
            guard isInside || scope.prefix == referrer.text else { continue }
            if let match = try scope.imports.match(name, isURL: url.map(\.isSpecial)) { return match }
        }
        if let match = try imports.match(name, isURL: url.map(\.isSpecial)) { return match }
        if let url { return url }
        guard ModuleURL.isRelativeSpecifier(specifier) || specifier.isEmpty else {
            throw .bareSpecifier(specifier, from: referrer)
        }
        throw .invalidSpecifier(specifier, from: referrer)
    }
}

/// Why a text is not an import map. The operator or the tenant who wrote it owns it.
package struct ImportMapError: Error, Hashable, Sendable, CustomStringConvertible {
    package let message: String
    /// Counted from 1; nil unless the text is not JSON.
    package let line: Int?
    /// Counted from 1, in UTF-16 units.
    package let column: Int?

    package var description: String { message }

    init(_ message: String) { self.init(message: message, line: nil, column: nil) }

    init(message: String, line: Int?, column: Int?) {
        self.message = message
        self.line = line
        self.column = column
    }
}

/// One object of an import map from specifiers to addresses.
private struct SpecifierMap: Sendable {
    /// A nil address blocks its specifier. Keyed by bytes: Swift's strings are equal when canonically equivalent,
    /// specifiers are not.
    private var addresses: [[UInt8]: ModuleURL?] = [:]
    /// The keys that end in a slash, longest first among those with a common beginning.
    private var prefixes: [[UInt8]] = []

    init() {}

    init(_ entries: [JSONValue.Member], base: ModuleURL, warnings: inout [String]) {
        for entry in entries {
            guard !entry.key.isEmpty else {
                warnings.append("An empty specifier in an import map means nothing")
                continue
            }
            let key = base.resolving(specifier: entry.key)?.text ?? entry.key
            let address = Self.address(entry, key: key, base: base, warnings: &warnings)
            addresses.updateValue(address, forKey: Array(key.utf8))
        }
        prefixes = addresses.keys.filter { $0.last == UInt8(ascii: "/") }.sorted { $1.lexicographicallyPrecedes($0) }
    }

    private static func address(
        _ entry: JSONValue.Member, key: String, base: ModuleURL, warnings: inout [String]
    ) -> ModuleURL? {
        let name = ModuleError.quote(entry.key)
        switch entry.value {
        case .null:
            return nil
        case .string(let text):
            guard let url = base.resolving(specifier: text) else {
                warnings.append(
                    "The address \(ModuleError.quote(text)) of \(name) is not a URL; write \"./\" before a path")
                return nil
            }
            if key.utf8.last == UInt8(ascii: "/"), url.text.utf8.last != UInt8(ascii: "/") {
                warnings.append("The address of \(name) must end with a slash, as its specifier does")
                return nil
            }
            return url
        default:
            warnings.append("The address of \(name) must be a string")
            return nil
        }
    }

    /// `isURL` says of a specifier that is a URL whether it is a special one.
    func match(_ specifier: String, isURL: Bool?) throws(ModuleError) -> ModuleURL? {
        let bytes = Array(specifier.utf8)
        if let entry = addresses[bytes] {
            guard let address = entry else { throw Self.blocked(specifier) }
            return address
        }
        guard isURL != false else { return nil }
        for prefix in prefixes where bytes.starts(with: prefix) {
            guard let entry = addresses[prefix], let address = entry else { throw Self.blocked(specifier) }
            let rest = String(decoding: bytes[prefix.count...], as: UTF8.self)
            guard let url = address.resolving(rest), url.text.utf8.starts(with: address.text.utf8) else {
                throw ModuleError(
                    .invalidSpecifier,
                    "\(ModuleError.quote(specifier)) leaves the import map's address \(ModuleError.quote(address.text))"
                )
            }
            return url
        }
        return nil
    }

    private static func blocked(_ specifier: String) -> ModuleError {
        ModuleError(
            .blockedByImportMap, "The import map blocks \(ModuleError.quote(specifier)). Give it an address there")
    }
}
