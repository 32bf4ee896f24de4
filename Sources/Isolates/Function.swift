// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// A JavaScript function that the host may call, on the isolate's thread.
public struct Function {
    let state: IsolateState
    let id: UInt64

    /// In which form a result is copied.
    public enum Form: Sendable {
        /// Scalars and bytes as they are, anything else as JSON.
        case data
        /// By structured clone, for another isolate.
        case clone
        /// Not at all.
        case nothing
    }

    /// Calls the function, then runs microtasks. A promise that is settled by then counts as its value.
    public func call(_ arguments: ScriptValue..., form: Form = .data) throws(ScriptError) -> Completion {
        try call(arguments: arguments, form: form)
    }

    /// Calls the function, then runs microtasks. A promise that is settled by then counts as its value.
    /// - Parameter holds: keep what is thrown, as `ScriptException.held`.
    public func call(
        arguments: [ScriptValue], form: Form = .data, holds: Bool = false
    ) throws(ScriptError) -> Completion {
        let raw = try unsafe state.live()
        var value = unsafe ci_value_t()
        var promise: UInt64 = 0
        var error = unsafe ci_error_t()
        unsafe error.holds = holds
        let status = unsafe ScriptValue.withRaw(arguments) { arguments in
            unsafe ci_function_call(
                raw, id, arguments.baseAddress, arguments.count, form.raw, &value, &promise, &error)
        }
        try unsafe state.check(status, &error, what: "the function, or an argument,")
        if status == .pending { return .pending(Promise(state: state, id: promise)) }
        return .value(unsafe ScriptValue(consuming: &value))
    }

    /// Calls with encoded arguments and decodes the result, which must be there when microtasks have run.
    public func call<each Argument: Encodable, Output: Decodable>(
        _ arguments: repeat each Argument, as type: Output.Type
    ) throws(ScriptError) -> Output {
        var encoded: [ScriptValue] = []
        do throws(ScriptValueError) {
            repeat encoded.append(try ScriptValue(encoding: each arguments))
        } catch {
            throw .value(error)
        }
        switch try call(arguments: encoded) {
        case .value(let value): return try ScriptError.decoding(value, as: type)
        case .pending: throw .missing("the result is a promise that waits: use Isolate.wait(for:)")
        }
    }

    /// Forgets the function.
    public func release() {
        if let raw = try? unsafe state.live() { unsafe ci_function_release(raw, id) }
    }
}

extension Function.Form {
    var raw: ci_form_t {
        switch self {
        case .data: .data
        case .clone: .clone
        case .nothing: .nothing
        }
    }
}

/// How a call came back.
public enum Completion {
    /// With a value.
    case value(ScriptValue)
    /// With a promise that has not settled.
    case pending(Promise)
}

/// A JavaScript promise that the host waits for, on the isolate's thread.
public struct Promise {
    let state: IsolateState
    let id: UInt64

    /// The value once it is there; `nil` before. After the value or the rejection the promise is forgotten.
    /// - Parameter holds: keep the thrown value of a rejection, as `ScriptException.held`.
    public func take(form: Function.Form = .data, holds: Bool = false) throws(ScriptError) -> ScriptValue? {
        var value = unsafe ci_value_t()
        var error = unsafe ci_error_t()
        unsafe error.holds = holds
        let status = unsafe ci_promise_take(try state.live(), id, form.raw, &value, &error)
        if status == .pending { return nil }
        try unsafe state.check(status, &error, what: "the promise")
        return unsafe ScriptValue(consuming: &value)
    }
}
