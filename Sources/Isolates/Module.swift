// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// An ES module of a context, used on the isolate's thread.
public struct Module {
    let state: IsolateState
    let id: UInt64

    /// One import in a module's source.
    public struct Request: Sendable, Equatable {
        /// As written.
        public let specifier: String
        /// The `with { key: value }` clause.
        public let attributes: [String: String]
        /// 1-based.
        public let line: Int
        /// 1-based.
        public let column: Int
    }

    /// The module's distinct imports, in source order.
    public var requests: [Request] {
        guard let raw = try? unsafe state.live() else { return [] }
        return unsafe (0..<ci_module_request_count(raw, id)).compactMap { index in
            var request = unsafe ci_module_request_t()
            guard unsafe ci_module_request(raw, id, index, &request) == .ok else { return nil }
            return unsafe Request(
                specifier: String(request.specifier),
                attributes: attributeList(request.attributes, request.attribute_count),
                line: Int(request.line), column: Int(request.column))
        }
    }

    /// Says which module answers the import of that index.
    public func link(_ index: Int, to target: Module) throws(ScriptError) {
        try unsafe state.check(ci_module_link(state.live(), id, max(0, index), target.id), what: "the import")
    }

    /// Links the graph below and evaluates it, then runs microtasks.
    /// - Returns: a promise while top-level await waits, `nil` when the module is done.
    public func evaluate() throws(ScriptError) -> Promise? {
        var promise: UInt64 = 0
        var error = unsafe ci_error_t.holding
        let status = unsafe ci_module_evaluate(try state.live(), id, &promise, &error)
        try unsafe state.check(status, &error, what: "the module")
        return status == .pending ? Promise(state: state, id: promise) : nil
    }

    /// Copies an export of an evaluated module.
    public func export(_ name: String = "default", form: Function.Form = .data) throws(ScriptError) -> ScriptValue {
        let raw = try unsafe state.live()
        var value = unsafe ci_value_t()
        var error = unsafe ci_error_t()
        let status = unsafe name.withSlice { unsafe ci_module_export(raw, id, $0, form.raw, &value, &error) }
        try unsafe state.check(status, &error, what: "the export \(name)")
        return unsafe ScriptValue(consuming: &value)
    }

    /// Its namespace, to be handed to JavaScript once it is linked.
    public var namespace: ScriptValue { .namespace(ModuleReference(id: id)) }

    /// Finds an exported function, or a method of an exported object.
    public func function(_ name: String, member: String = "") throws(ScriptError) -> Function {
        let raw = try unsafe state.live()
        var function: UInt64 = 0
        var error = unsafe ci_error_t()
        let status = unsafe withSlices(name, member) { name, member in
            unsafe ci_function_of_module(raw, id, name, member, &function, &error)
        }
        try unsafe state.check(
            status, &error, what: "the exported function \(member.isEmpty ? name : "\(name).\(member)")")
        return Function(state: state, id: function)
    }

    /// The code that V8 compiled for this module so far; `nil` for a module of a value.
    public func codeCache() -> CodeCache? {
        guard let raw = try? unsafe state.live() else { return nil }
        var bytes = unsafe ci_slice_t()
        guard unsafe ci_code_cache_new(raw, id, &bytes) == .ok else { return nil }
        defer { unsafe ci_bytes_dispose(bytes.bytes) }
        return unsafe CodeCache(bytes: [UInt8](bytes))
    }
}

/// Bytecode that V8 takes over when it compiles the same source again.
///
/// V8 checks its version, its flags and the source's length, never the source itself, and the URL is baked
/// in: keep caches by URL, a hash of the source and `Engine.cacheTag`, and take none from strangers.
public struct CodeCache: Sendable {
    /// V8's serialised form.
    public let bytes: [UInt8]
    /// Wraps bytes that `Module.codeCache()` made before.
    public init(bytes: [UInt8]) { self.bytes = bytes }
}

extension Context {
    /// Compiles a source text module.
    /// - Returns: the module, and whether V8 took the cache.
    public func compile(
        _ source: [UInt8], url: String, cache: CodeCache? = nil
    ) throws(ScriptError) -> (module: Module, tookCache: Bool) {
        let raw = try unsafe state.live()
        var module: UInt64 = 0
        var tookCache = false
        var error = unsafe ci_error_t.holding
        let status = unsafe source.withSlice { source in
            unsafe url.withSlice { url in
                unsafe (cache?.bytes ?? []).withSlice { cache in
                    unsafe ci_module_compile(raw, id, source, url, cache, &module, &tookCache, &error)
                }
            }
        }
        try unsafe state.check(status, &error, what: "the context, or the source's length,")
        return (Module(state: state, id: module), tookCache)
    }

    /// Makes a module whose `default` export is the value.
    public func module(of value: ScriptValue, url: String) throws(ScriptError) -> Module {
        let raw = try unsafe state.live()
        var module: UInt64 = 0
        var error = unsafe ci_error_t.holding
        let status = unsafe url.withSlice { url in
            unsafe value.withRaw { value in
                unsafe withUnsafePointer(to: value) { unsafe ci_module_of_value(raw, id, url, $0, &module, &error) }
            }
        }
        try unsafe state.check(status, &error, what: "the value")
        return Module(state: state, id: module)
    }
}

func attributeList(_ raw: UnsafePointer<ci_attribute_t>?, _ count: Int) -> [String: String] {
    unsafe Dictionary(
        UnsafeBufferPointer(start: raw, count: count).map { unsafe (String($0.key), String($0.value)) },
        uniquingKeysWith: { $1 })
}

/// Names a module of an isolate in a value.
public struct ModuleReference: Sendable, Hashable {
    let id: UInt64
}
