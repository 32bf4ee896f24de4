// SPDX-License-Identifier: Apache-2.0
internal import CIsolate

/// Why a script did not answer.
public enum ScriptError: Error, Sendable, Equatable {
    /// JavaScript threw, or a promise was rejected.
    case exception(ScriptException)
    /// Execution was ended from outside.
    case terminated(Termination)
    /// A value could not be copied.
    case value(ScriptValueError)
    /// The embedder broke a rule of the API: nested turns, two threads, a host call that goes back in.
    case misuse(String)
    /// The thing called does not exist (any more): a function of that name, a released context, a disposed isolate.
    case missing(String)
}

/// Why execution was ended.
public enum Termination: Sendable, Equatable {
    /// By a `Terminator`.
    case requested
    /// The turn's CPU budget is spent.
    case cpu
    /// The turn's deadline has passed.
    case wall
    /// The isolate holds more memory than its limit.
    case heap

    init?(_ raw: ci_termination_t) {
        switch raw {
        case .none: return nil
        case .requested: self = .requested
        case .cpu: self = .cpu
        case .wall: self = .wall
        case .heap: self = .heap
        }
    }
}

/// A thrown JavaScript value, described.
public struct ScriptException: Error, Sendable, Equatable {
    /// The constructor's name, as `TypeError`; empty where something else than an Error was thrown.
    public var name: String
    /// The message, or the thrown value as text.
    public var message: String
    /// V8's stack text, name and message included; may be empty.
    public var stack: String
    /// The `code` property where it is a string.
    public var code: String?
    /// URL of the script that threw; empty where unknown.
    public var url: String
    /// 1-based; 0 where unknown.
    public var line: Int
    /// 1-based; 0 where unknown.
    public var column: Int
    /// The text of that line, where V8 has it.
    public var sourceLine: String
    /// The thrown value in its isolate, to be thrown again.
    public let held: HeldException?

    /// An exception of the host's own making.
    public init(
        name: String, message: String, code: String? = nil, url: String = "", line: Int = 0, column: Int = 0,
        sourceLine: String = "", held: HeldException? = nil
    ) {
        self.name = name
        self.message = message
        self.code = code
        self.url = url
        self.line = line
        self.column = column
        self.sourceLine = sourceLine
        self.held = held
        stack = name.isEmpty ? message : "\(name): \(message)"
    }

    /// Takes over what the shim described.
    init(consuming raw: inout ci_error_t) {
        name = unsafe String(raw.name)
        message = unsafe String(raw.message)
        stack = unsafe String(raw.stack)
        code = unsafe raw.code.count == 0 ? nil : String(raw.code)
        url = unsafe String(raw.url)
        line = unsafe Int(raw.line)
        column = unsafe Int(raw.column)
        sourceLine = unsafe String(raw.source_line)
        held = unsafe raw.exception == 0 ? nil : HeldException(id: raw.exception)
        unsafe ci_error_dispose(&raw)
    }
}

extension ci_error_t {
    /// An error that asks the shim to hold the thrown value.
    static var holding: ci_error_t {
        var error = unsafe ci_error_t()
        unsafe error.holds = true
        return unsafe error
    }
}

/// Names a thrown value that its isolate keeps until `Context.release`.
public struct HeldException: Sendable, Hashable {
    let id: UInt64
}

/// An exception that the host throws into JavaScript.
public struct HostException: Error, Sendable, Equatable {
    /// Which JavaScript constructor makes it.
    public enum Class: Sendable { case error, typeError, rangeError, syntaxError }

    /// The constructor.
    public var errorClass: Class
    /// Overrides the `name` property.
    public var name: String?
    /// For people.
    public var message: String
    /// For programs: the `code` property.
    public var code: String?

    /// Describes an exception.
    public init(_ errorClass: Class = .error, _ message: String, name: String? = nil, code: String? = nil) {
        self.errorClass = errorClass
        self.message = message
        self.name = name
        self.code = code
    }

    /// Lends the description to the shim.
    func withRaw<R>(_ body: (UnsafePointer<ci_throw_t>) -> R) -> R {
        let raw: ci_error_class_t =
            switch errorClass {
            case .error: .error
            case .typeError: .typeError
            case .rangeError: .rangeError
            case .syntaxError: .syntaxError
            }
        return unsafe withSlices(name ?? "", code ?? "") { name, code in
            unsafe message.withSlice { message in
                let described = unsafe ci_throw_t(error_class: raw, name: name, message: message, code: code)
                return unsafe withUnsafePointer(to: described, body)
            }
        }
    }
}
