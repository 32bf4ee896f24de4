// SPDX-License-Identifier: Apache-2.0

/// One `key: "value"` of an import's `with { … }`.
package struct ImportAttribute: Hashable, Sendable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// What the bytes of a module are, and so how it is made.
package enum ModuleKind: Hashable, Sendable {
    case javaScript
    /// Compiled to JavaScript first; JSX belongs here too.
    case typeScript(TypeScriptDialect)
    case json
    case text
    case bytes

    /// Decides from the import's attributes and what the URL says of itself; `mimeType` is that of a `data:` URL,
    /// without parameters.
    package init(
        of url: ModuleURL, attributes: [ImportAttribute] = [], mimeType: String? = nil
    ) throws(ModuleError) {
        for attribute in attributes where attribute.key != "type" {
            throw ModuleError(
                .unknownAttribute,
                "Import attribute \(ModuleError.quote(attribute.key)) is not supported; \"type\" is the only one")
        }
        guard let type = attributes.last?.value else {
            if let mimeType {
                self = try Self.of(mimeType: mimeType, url)
            } else {
                self = try Self.of(pathExtension: url)
            }
            return
        }
        switch type {
        case "json":
            if let mimeType, !MIMEType.isJSON(mimeType) {
                throw ModuleError(
                    .unsupportedType,
                    "\(ModuleError.quote(url.text)) is \(mimeType), "
                        + "but `with { type: \"json\" }` needs application/json"
                )
            }
            self = .json
        case "text": self = .text
        case "bytes": self = .bytes
        default:
            throw ModuleError(
                .unsupportedAttributeType,
                "Import type \(ModuleError.quote(type)) is not supported; use \"json\", \"text\" or \"bytes\"")
        }
    }

    private static func of(pathExtension url: ModuleURL) throws(ModuleError) -> ModuleKind {
        if url.scheme != "file", url.scheme != "worker" { return .javaScript }
        let pathExtension = url.pathExtension
        if let dialect = TypeScriptDialect(rawValue: pathExtension) { return .typeScript(dialect) }
        switch pathExtension {
        case "json", "jsonc": throw missingAttribute(url)
        case "cjs", "cts":
            throw unsupported(url, "is a CommonJS module. Only ES modules run here: convert or bundle it")
        case "wasm":
            throw unsupported(url, "is WebAssembly. Import it `with { type: \"bytes\" }` and compile the bytes")
        case "node":
            throw unsupported(url, "is a native add-on, which cannot run here")
        default: return .javaScript
        }
    }

    private static func of(mimeType: String, _ url: ModuleURL) throws(ModuleError) -> ModuleKind {
        if MIMEType.isJavaScript(mimeType) { return .javaScript }
        switch mimeType {
        case "application/typescript", "text/typescript": return .typeScript(.ts)
        case "text/tsx": return .typeScript(.tsx)
        case "text/jsx": return .typeScript(.jsx)
        default:
            if MIMEType.isJSON(mimeType) { throw missingAttribute(url) }
            throw unsupported(
                url, "is \(mimeType). Use text/javascript, or import it `with { type: \"text\" }` or \"bytes\"")
        }
    }

    private static func missingAttribute(_ url: ModuleURL) -> ModuleError {
        ModuleError(
            .missingAttribute,
            "\(ModuleError.quote(url.text)) is JSON. Add `with { type: \"json\" }` to the import")
    }

    private static func unsupported(_ url: ModuleURL, _ reason: String) -> ModuleError {
        ModuleError(.unsupportedType, "\(ModuleError.quote(url.text)) \(reason)")
    }
}

/// The languages that are compiled to JavaScript; the raw value is the file extension.
package enum TypeScriptDialect: String, CaseIterable, Hashable, Sendable {
    case ts, mts, tsx, jsx
}

/// The MIME types that matter to modules. All take the lower-case essence.
enum MIMEType {
    static func isJavaScript(_ essence: String) -> Bool {
        switch essence {
        case "text/javascript", "application/javascript", "application/ecmascript", "application/x-ecmascript",
            "application/x-javascript", "text/ecmascript", "text/javascript1.0", "text/javascript1.1",
            "text/javascript1.2", "text/javascript1.3", "text/javascript1.4", "text/javascript1.5", "text/jscript",
            "text/livescript", "text/x-ecmascript", "text/x-javascript":
            true
        default: false
        }
    }

    static func isJSON(_ essence: String) -> Bool {
        essence == "application/json" || essence == "text/json" || essence.hasSuffix("+json")
    }
}
