// SPDX-License-Identifier: Apache-2.0

/// The absolute URL that identifies a module.
///
/// Parsed and serialised as the WHATWG URL Standard does for the schemes modules use. Two simplifications: hosts
/// are not validated (no module is loaded from one), and Windows drive letters have no meaning.
package struct ModuleURL: Hashable, Sendable, CustomStringConvertible {
    /// The whole URL; query and fragment are part of a module's identity.
    package let text: String
    /// In lower case, without the colon.
    package let scheme: String
    /// What stands between `//` and the path; nil where there is no `//`.
    package let authority: String?
    /// Percent-encoded. Begins with `/` unless the URL is opaque, such as `data:,x` or `rookery:assert`.
    package let path: String
    /// Without the `?`.
    package let query: String?
    /// Without the `#`.
    package let fragment: String?

    package var description: String { text }

    init(scheme: String, authority: String?, path: String, query: String?, fragment: String?) {
        var text = scheme + ":"
        if let authority {
            text += "//" + authority
        } else if path.utf8.starts(with: "//".utf8) {
            text += "/."
        }
        text += path
        if let query { text += "?" + query }
        if let fragment { text += "#" + fragment }
        self.text = text
        self.scheme = scheme
        self.authority = authority
        self.path = path
        self.query = query
        self.fragment = fragment
    }

    /// Parses an absolute URL; nil where the text is something else, such as a bare specifier.
    package init?(_ text: String) {
        guard let url = URLParser.parse(text, base: nil) else { return nil }
        self = url
    }

    /// The `file:` URL of an absolute path; nil where the path is relative or holds a NUL.
    package init?(filePath: String) {
        let bytes = Array(filePath.utf8)
        guard bytes.first == UInt8(ascii: "/"), !bytes.contains(0) else { return nil }
        let path = URLParser.normalizedPath(bytes, isFilePath: true, backslashSeparates: false)
        self.init(scheme: "file", authority: "", path: path, query: nil, fragment: nil)
    }

    /// The absolute path a `file:` URL names, without regard to query and fragment.
    ///
    /// Nil for other schemes, for hosts, and for paths that no URL of a file has: with an encoded slash or NUL, or
    /// not in UTF-8.
    package var filePath: String? {
        guard scheme == "file", authority == nil || authority == "" else { return nil }
        guard let bytes = PercentCoding.decodeFilePath(path.utf8) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }

    /// The extension of the last path component, in lower case and without the dot; empty where there is none.
    package var pathExtension: String {
        let bytes = path.utf8
        let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes[bytes.index(after: $0)...] } ?? bytes[...]
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return "" }
        return String(decoding: name[name.index(after: dot)...], as: UTF8.self).lowercased()
    }

    /// True for http, https, ws, wss, ftp and file.
    package var isSpecial: Bool { URLParser.isSpecial(scheme) }

    /// True where no relative reference except a fragment can be resolved.
    package var isOpaque: Bool { !path.utf8.starts(with: "/".utf8) && authority == nil }

    /// The same URL with another path, which must already be encoded.
    func replacingPath(_ path: String) -> ModuleURL {
        ModuleURL(scheme: scheme, authority: authority, path: path, query: query, fragment: fragment)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
    package static func == (left: ModuleURL, right: ModuleURL) -> Bool { left.text == right.text }
}

// MARK: - Specifiers

extension ModuleURL {
    /// True for specifiers that start with `/`, `./` or `../`.
    package static func isRelativeSpecifier(_ specifier: String) -> Bool {
        let bytes = specifier.utf8
        return bytes.starts(with: "/".utf8) || bytes.starts(with: "./".utf8) || bytes.starts(with: "../".utf8)
    }

    /// Resolves any URL reference against this URL, as `new URL(reference, base)` does; nil where it cannot.
    package func resolving(_ reference: String) -> ModuleURL? { URLParser.parse(reference, base: self) }

    /// Resolves a URL-like specifier: relative ones against this URL, absolute URLs as they are. Nil for bare ones.
    package func resolving(specifier: String) -> ModuleURL? {
        Self.isRelativeSpecifier(specifier) ? resolving(specifier) : ModuleURL(specifier)
    }

    /// Refuses the schemes that no module is loaded from.
    package func requireSupportedScheme() throws(ModuleError) {
        guard Self.supportedSchemes.contains(scheme) else { throw .unsupportedScheme(self) }
    }

    package static let supportedSchemes: Set<String> = ["file", "data", "rookery", "worker"]
}

// MARK: - TypeScript

extension ModuleURL {
    /// The URL to import instead of one that names nothing, where TypeScript's convention applies: modules in
    /// TypeScript import `x.ts` or `x.tsx` as `x.js`, `x.mts` as `x.mjs`, and `x.tsx` as `x.jsx`.
    func existingTypeScript(importedFrom referrer: ModuleURL, isThere: (ModuleURL) -> Bool) -> ModuleURL {
        let extensions: [String] =
            switch pathExtension {
            case "js": ["ts", "tsx"]
            case "mjs": ["mts"]
            case "jsx": ["tsx"]
            default: []
            }
        guard !extensions.isEmpty, ["ts", "mts", "tsx"].contains(referrer.pathExtension), !isThere(self) else {
            return self
        }
        let stem = path.unicodeScalars.dropLast(pathExtension.unicodeScalars.count)
        return extensions.map { replacingPath(String(stem) + $0) }.first(where: isThere) ?? self
    }
}
