// SPDX-License-Identifier: Apache-2.0

/// Why a module could not be resolved, read or compiled. The tenant owns it, and sees it as a JavaScript error.
package struct ModuleError: Error, Hashable, Sendable, CustomStringConvertible {
    package let kind: Kind
    /// Says what happened and what to do about it.
    package let message: String
    /// Where in a source text, for errors that have a place.
    package let position: Position?

    /// The stable word for programs, in the style of Node and Deno.
    package var code: String { kind.rawValue }

    /// Whether it is not the sources' fault: the next try may have none.
    package var isPassing: Bool { kind == .compilerMissing || kind == .compilerFailed }

    /// The JavaScript class to throw it as.
    package var errorClass: ErrorClass {
        switch kind {
        case .unknownAttribute, .transpileFailed, .badConfiguration: .syntaxError
        default: .typeError
        }
    }

    package var description: String {
        let place = position.map { " (\($0.url):\($0.line):\($0.column))" } ?? ""
        return "\(errorClass.rawValue) [\(code)]: \(message)\(place)"
    }

    package init(_ kind: Kind, _ message: String, at position: Position? = nil) {
        self.kind = kind
        self.message = message
        self.position = position
    }

    /// What went wrong; the raw values are a contract with scripts.
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        case bareSpecifier = "ERR_BARE_SPECIFIER"
        case invalidSpecifier = "ERR_INVALID_MODULE_SPECIFIER"
        case blockedByImportMap = "ERR_BLOCKED_BY_IMPORT_MAP"
        case unsupportedScheme = "ERR_UNSUPPORTED_SCHEME"
        case outsideFolders = "ERR_MODULE_OUTSIDE_ROOT"
        case notFound = "ERR_MODULE_NOT_FOUND"
        case isFolder = "ERR_UNSUPPORTED_DIR_IMPORT"
        case notRegularFile = "ERR_NOT_A_REGULAR_FILE"
        case noPermission = "ERR_ACCESS_DENIED"
        case readFailed = "ERR_MODULE_READ_FAILED"
        case tooLarge = "ERR_MODULE_TOO_LARGE"
        case invalidDataURL = "ERR_INVALID_DATA_URL"
        case unknownAttribute = "ERR_IMPORT_ATTRIBUTE_UNSUPPORTED"
        case unsupportedAttributeType = "ERR_IMPORT_ATTRIBUTE_TYPE_UNSUPPORTED"
        case missingAttribute = "ERR_IMPORT_ATTRIBUTE_MISSING"
        case unsupportedType = "ERR_UNKNOWN_MODULE_FORMAT"
        case badConfiguration = "ERR_INVALID_TSCONFIG"
        case transpileFailed = "ERR_TRANSPILE_FAILED"
        case compilerMissing = "ERR_ESBUILD_MISSING"
        case compilerFailed = "ERR_ESBUILD_FAILED"
    }

    /// The two JavaScript classes these errors become.
    package enum ErrorClass: String, Hashable, Sendable {
        case typeError = "TypeError"
        case syntaxError = "SyntaxError"
    }

    /// A place in a source text as its author wrote it.
    package struct Position: Hashable, Sendable {
        package let url: String
        /// Counted from 1.
        package let line: Int
        /// Counted from 1, in UTF-16 units, as in V8's stack text.
        package let column: Int
        /// The text of that line without its end; shortened where it is very long.
        package let sourceLine: String

        package init(url: String, line: Int, column: Int, sourceLine: String) {
            self.url = url
            self.line = line
            self.column = column
            self.sourceLine = sourceLine
        }
    }
}

extension ModuleError {
    static func bareSpecifier(_ specifier: String, from referrer: ModuleURL) -> ModuleError {
        let name = quote(specifier)
        return ModuleError(
            .bareSpecifier,
            "\(name) is a bare specifier that no import map entry matches (imported from \(shorten(referrer.text))). "
                + "Map it in the import map, or write a relative path such as \(quote("./" + specifier))")
    }

    static func invalidSpecifier(_ specifier: String, from referrer: ModuleURL) -> ModuleError {
        ModuleError(
            .invalidSpecifier,
            "\(quote(specifier)) cannot be resolved from \(shorten(referrer.text)): "
                + (referrer.isOpaque && !specifier.isEmpty
                    ? "a module without a path has no relatives. Import an absolute URL" : "it is not a valid URL"))
    }

    static func bareSpecifierOfDeployment(_ specifier: String, from referrer: ModuleURL) -> ModuleError {
        let name = quote(specifier)
        return ModuleError(
            .bareSpecifier,
            "\(name) names a package (imported from \(shorten(referrer.text))), and a deployed worker has its own modules "
                + "only. `rookery deploy` bundles packages with the worker; for one of its modules write "
                + "\(quote("./" + specifier))")
    }

    static func leavesDeployment(_ specifier: String, from referrer: ModuleURL) -> ModuleError {
        ModuleError(
            .outsideFolders,
            "\(quote(specifier)) leads above the worker's modules (imported from \(shorten(referrer.text))). "
                + "Deploy the module with the worker, and import it from there")
    }

    /// The same error in a module that is known by another URL.
    func moved(to url: ModuleURL) -> ModuleError {
        guard let position else { return self }
        return ModuleError(
            kind, message,
            at: Position(
                url: url.text, line: position.line, column: position.column, sourceLine: position.sourceLine))
    }

    static func unsupportedScheme(_ url: ModuleURL) -> ModuleError {
        let hint = ["http", "https"].contains(url.scheme) ? "Download the module and import it by its path" : ""
        let known = "Modules come from file:, data:, rookery: and worker: URLs"
        return ModuleError(
            .unsupportedScheme,
            "Cannot import \(quote(url.text)): the scheme \(quote(url.scheme + ":")) is not supported. "
                + (hint.isEmpty ? known : known + ". " + hint))
    }

    static func outsideFolders(_ path: String) -> ModuleError {
        ModuleError(
            .outsideFolders,
            "\(quote(path)) is outside the folders that modules may be imported from. "
                + "Add its folder with --allow-import=DIR")
    }

    static func notFound(_ path: String, from referrer: ModuleURL?) -> ModuleError {
        let importer = referrer.map { " imported from \(shorten($0.text))" } ?? ""
        return ModuleError(
            .notFound, "Cannot find module \(quote(path))\(importer). Check the path; the file's extension is needed")
    }

    /// The text in double quotes, shortened: tenants may import specifiers of any length.
    static func quote(_ text: String) -> String { "\"\(shorten(text))\"" }

    /// At most `limit` characters, of which the last says that some are missing.
    static func shorten(_ text: String, to limit: Int = 200) -> String {
        guard text.utf8.count > limit else { return text }
        let head = text.unicodeScalars.prefix(limit - 1)
        return head.endIndex == text.unicodeScalars.endIndex ? text : String(head) + "…"
    }
}
