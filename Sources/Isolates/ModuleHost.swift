// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Answers for an isolate's modules; called on the isolate's thread, from inside JavaScript.
public protocol ModuleHost: AnyObject {
    /// `import()` was called. Answer later, outside of this call, with `finish` or `fail`.
    func importDynamically(_ request: DynamicImport)
    /// What `import.meta` of a module shows.
    func importMeta(of url: String) -> ImportMeta
    /// `import.meta.resolve`.
    func resolve(_ specifier: String, from referrer: String) throws(HostException) -> String
    /// The text that `Error.stack` shows for V8's own.
    func rewriteStack(_ stack: String) -> String
}

/// What `import.meta` shows besides `url` and `resolve`.
public struct ImportMeta: Sendable {
    /// Whether the module is the program's entry.
    public var isMain: Bool
    /// The file's absolute path, where there is one.
    public var filename: String?
    /// The file's folder, where there is one.
    public var dirname: String?

    /// Describes a module.
    public init(isMain: Bool, filename: String? = nil, dirname: String? = nil) {
        self.isMain = isMain
        self.filename = filename
        self.dirname = dirname
    }
}

/// A call of `import()`.
public struct DynamicImport: Sendable {
    let id: UInt64
    /// URL of the script or module that calls; empty where V8 does not know it.
    public let referrer: String
    /// As given.
    public let specifier: String
    /// The `with` option.
    public let attributes: [String: String]

    init(_ raw: ci_import_request_t) {
        id = unsafe raw.import
        referrer = unsafe String(raw.referrer)
        specifier = unsafe String(raw.specifier)
        attributes = unsafe attributeList(raw.attributes, raw.attribute_count)
    }
}

extension Context {
    /// Answers `import()` with a module whose whole graph is linked to its imports. Run microtasks afterwards.
    public func finish(_ request: DynamicImport, with module: Module) throws(ScriptError) {
        try unsafe state.check(ci_import_finish(state.live(), request.id, module.id), what: "the import")
    }

    /// Answers `import()` with an exception. Run microtasks afterwards.
    public func fail(_ request: DynamicImport, with exception: HeldException) throws(ScriptError) {
        try unsafe state.check(ci_import_fail(state.live(), request.id, exception.id), what: "the import")
    }
}
