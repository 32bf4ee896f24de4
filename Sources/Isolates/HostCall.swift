// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Answers a call of JavaScript to the host, on the isolate's thread. It may not run JavaScript itself.
public typealias OperationHandler = (borrowing HostCall) -> Void

/// A call of JavaScript to the host, while it lasts.
@safe public struct HostCall: ~Copyable {
    private let raw: OpaquePointer
    let state: IsolateState

    init(raw: OpaquePointer, state: IsolateState) {
        unsafe self.raw = raw
        self.state = state
    }

    /// The number that the prelude gave to what led to this call, through awaits and timers; 0: none.
    public var continuation: UInt32 { unsafe ci_host_call_continuation(raw) }

    /// How many arguments were passed.
    public var argumentCount: Int { unsafe ci_host_call_argument_count(raw) }

    /// What copying an argument takes, in bytes; `nil` for what is neither a primitive nor bytes. A string beyond 32 Mi
    /// characters counts these only.
    public func argumentSize(_ index: Int) -> Int? {
        var size = 0
        return unsafe ci_host_call_argument_size(raw, max(0, index), &size) == .ok ? size : nil
    }

    /// Copies an argument; past the last it is `undefined`.
    /// - Throws: `ScriptError.missing` where it cannot be copied. A JavaScript exception is then under way: return.
    public func argument(_ index: Int, asClone: Bool = false) throws(ScriptError) -> ScriptValue {
        var value = unsafe ci_value_t()
        let status = unsafe ci_host_call_argument(raw, max(0, index), asClone ? .clone : .data, &value)
        guard status == .ok else { throw .missing("the argument cannot be copied") }
        return unsafe ScriptValue(consuming: &value)
    }

    /// Copies the bytes of an argument that is an ArrayBuffer or a view. `nil`: it is none.
    public func bytes(_ index: Int) -> [UInt8]? {
        var lent = unsafe ci_slice_t()
        guard unsafe ci_host_call_bytes(raw, max(0, index), &lent) == .ok else { return nil }
        return unsafe [UInt8](UnsafeBufferPointer(start: lent.bytes, count: lent.bytes == nil ? 0 : lent.count))
    }

    /// Copies a string argument as UTF-8; lone surrogates become U+FFFD. `nil`: it is no string.
    public func utf8Bytes(_ index: Int) -> [UInt8]? { bytes(index, .utf8) }

    /// Copies a string argument, a byte for each character. `nil`: it is no string, or has other characters.
    public func latin1Bytes(_ index: Int) -> [UInt8]? { bytes(index, .latin1) }

    /// Takes over an argument that is large: a Uint8Array of a whole ArrayBuffer, which is detached, or a string, as UTF-8.
    /// `nil`: it is neither, or has fewer than `least` bytes.
    public func givenBytes(_ index: Int, least: Int) -> GivenBytes? {
        var given = unsafe ci_slice_t()
        guard unsafe ci_host_call_take(raw, max(0, index), max(0, least), &given) == .ok else { return nil }
        return unsafe GivenBytes(given)
    }

    private func bytes(_ index: Int, _ encoding: ci_text_encoding_t) -> [UInt8]? {
        var size = 0
        guard unsafe ci_host_call_text_size(raw, max(0, index), encoding, &size) == .ok else { return nil }
        guard size > 0 else { return [] }
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            unsafe ci_host_call_text_write(raw, max(0, index), encoding, start, size)
            count = size
        }
    }

    /// Decodes an argument.
    /// - Throws: `ScriptError`; the JavaScript exception is under way: return.
    public func argument<T: Decodable>(_ index: Int, as type: T.Type) throws(ScriptError) -> T {
        let value = try argument(index)
        do throws(ScriptValueError) {
            return try value.decode(type)
        } catch {
            throwing(.init(.typeError, "argument \(index + 1): \(error.message)", code: "ERR_INVALID_ARG_TYPE"))
            throw .value(error)
        }
    }

    /// Sets the result.
    public func returning(_ value: ScriptValue) {
        let status = unsafe value.withRaw { value in
            unsafe withUnsafePointer(to: value) { unsafe ci_host_call_return(raw, $0) }
        }
        if status != .ok { throwing(.init(.rangeError, "the host's answer is too large for this isolate")) }
    }

    /// Throws into JavaScript.
    public func throwing(_ exception: HostException) {
        unsafe exception.withRaw { unsafe ci_host_call_throw(raw, $0) }
    }

    /// Makes the result a promise, which the deferred answer settles; `nil` when the turn was terminated.
    public func deferring() -> DeferredAnswer? {
        var promise: UInt64 = 0
        guard unsafe ci_host_call_defer(raw, &promise) == .ok else { return nil }
        state.pendingHostCalls += 1
        return DeferredAnswer(promise: promise, mailbox: state.mailbox)
    }
}

/// Settles the promise of a deferred host call, once, from any thread; `Isolate.deliver()` carries it in.
public struct DeferredAnswer: Sendable {
    let promise: UInt64
    let mailbox: Mailbox

    /// Fulfils or rejects.
    public func settle(_ result: Result<ScriptValue, HostException>) {
        mailbox.post(.init(promise: promise, result: result))
    }
}
