// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// A global scope of an isolate, used on the isolate's thread.
public struct Context {
    let state: IsolateState
    let id: UInt64

    /// Runs a classic script and copies its value.
    /// - Parameter url: shown in stacks; what relative `import()` starts from.
    @discardableResult
    public func evaluate(_ source: [UInt8], url: String = "") throws(ScriptError) -> ScriptValue {
        let raw = try unsafe state.live()
        var value = unsafe ci_value_t()
        var error = unsafe ci_error_t()
        let status = unsafe source.withSlice { source in
            unsafe url.withSlice { url in unsafe ci_context_evaluate(raw, id, source, url, .data, &value, &error) }
        }
        try unsafe state.check(status, &error, what: "context")
        return unsafe ScriptValue(consuming: &value)
    }

    /// Runs a classic script and copies its value.
    @discardableResult
    public func evaluate(_ source: String, url: String = "") throws(ScriptError) -> ScriptValue {
        try evaluate(Array(source.utf8), url: url)
    }

    /// Runs a classic script and decodes its value.
    public func evaluate<T: Decodable>(_ source: String, as type: T.Type) throws(ScriptError) -> T {
        try ScriptError.decoding(evaluate(source), as: type)
    }

    /// Defines a global function of the host.
    public func define(_ name: String, handler: @escaping OperationHandler) throws(ScriptError) {
        let raw = try unsafe state.live()
        let operation = state.nextOperation
        state.nextOperation += 1
        state.operations[operation] = handler
        let status = unsafe name.withSlice { unsafe ci_context_define(raw, id, $0, operation) }
        try unsafe state.check(status, what: "context")
    }

    /// Defines a global function whose arguments are decoded and whose result is encoded. What it throws
    /// becomes a JavaScript exception: a `HostException` as it is, another error by its description.
    public func define<each Argument: Decodable, Output: Encodable>(
        _ name: String, _ body: @escaping (repeat each Argument) throws -> Output
    ) throws(ScriptError) {
        try define(name) { (call: borrowing HostCall) in
            do {
                var index = 0
                let arguments = (repeat try call.next(&index, as: (each Argument).self))
                call.returning(try ScriptValue(encoding: try body(repeat each arguments)))
            } catch is ScriptError {
                // The argument's own exception is under way.
            } catch {
                call.throwing(HostException(describing: error))
            }
        }
    }

    /// Defines a global function that answers with a promise. The body runs off the isolate's thread.
    public func define<each Argument: Decodable & Sendable, Output: Encodable & Sendable>(
        _ name: String, _ body: @escaping @Sendable (repeat each Argument) async throws -> Output
    ) throws(ScriptError) {
        try define(name) { (call: borrowing HostCall) in
            do {
                var index = 0
                let arguments = (repeat try call.next(&index, as: (each Argument).self))
                guard let answer = call.deferring() else { return }
                Task {
                    do {
                        let output = try await body(repeat each arguments)
                        answer.settle(.success(try ScriptValue(encoding: output)))
                    } catch {
                        answer.settle(.failure(HostException(describing: error)))
                    }
                }
            } catch {
                // The argument's own exception is under way.
            }
        }
    }

    /// Finds a function of the prelude's exports.
    public func preludeFunction(_ name: String) throws(ScriptError) -> Function {
        let raw = try unsafe state.live()
        var function: UInt64 = 0
        let status = unsafe name.withSlice { unsafe ci_function_of_prelude(raw, id, $0, &function) }
        try unsafe state.check(status, what: "the prelude's \(name)")
        return Function(state: state, id: function)
    }

    /// Finds a function among the properties of the global object.
    public func function(_ name: String) throws(ScriptError) -> Function {
        let raw = try unsafe state.live()
        var function: UInt64 = 0
        var error = unsafe ci_error_t()
        let status = unsafe name.withSlice { unsafe ci_function_of_global(raw, id, $0, &function, &error) }
        try unsafe state.check(status, &error, what: "the function \(name)")
        return Function(state: state, id: function)
    }

    /// The oldest error that nothing caught: of timers, microtasks, unhandled rejections.
    public func takeUncaught() throws(ScriptError) -> ScriptException? {
        var error = unsafe ci_error_t.holding
        guard unsafe ci_context_take_uncaught(try state.live(), id, &error) == .ok else { return nil }
        return unsafe ScriptException(consuming: &error)
    }

    /// Makes an exception that can be thrown more than once.
    public func hold(_ exception: HostException) throws(ScriptError) -> HeldException {
        let raw = try unsafe state.live()
        var held: UInt64 = 0
        try unsafe state.check(exception.withRaw { unsafe ci_exception_new(raw, id, $0, &held) }, what: "context")
        return HeldException(id: held)
    }

    /// Forgets a held exception.
    public func release(_ held: HeldException) {
        if let raw = try? unsafe state.live() { unsafe ci_exception_release(raw, held.id) }
    }

    /// Drops the context with its modules and functions; promises of its host calls never settle.
    public func release() {
        if let raw = try? unsafe state.live() { unsafe ci_context_release(raw, id) }
    }
}

extension HostCall {
    /// Decodes the next argument of a list.
    borrowing func next<T: Decodable>(_ index: inout Int, as type: T.Type) throws(ScriptError) -> T {
        defer { index += 1 }
        return try argument(index, as: type)
    }
}

extension HostException {
    /// An error of Swift as JavaScript sees it.
    init(describing error: any Error) { self = error as? HostException ?? HostException(.error, "\(error)") }
}

extension ScriptError {
    /// Decodes, with the error in this type.
    static func decoding<T: Decodable>(_ value: ScriptValue, as type: T.Type) throws(ScriptError) -> T {
        do throws(ScriptValueError) { return try value.decode(type) } catch { throw .value(error) }
    }
}
