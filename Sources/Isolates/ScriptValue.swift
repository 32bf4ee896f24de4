// SPDX-License-Identifier: Apache-2.0
internal import CIsolate
internal import FoundationEssentials

/// A copy of a JavaScript value.
public enum ScriptValue: Sendable, Equatable {
    case undefined
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    /// Bytes of an ArrayBuffer or a view; a Uint8Array on the way in.
    case bytes([UInt8])
    /// Any other value as JSON text.
    case json([UInt8])
    /// A thrown value that the isolate holds; only into JavaScript.
    case held(HeldException)
    /// A structured-clone blob, readable by isolates of the same V8 only.
    case clone(ExternalCopy)
    /// An Array; only into JavaScript.
    case list([ScriptValue])
    /// An object without a prototype that has this one property; only into JavaScript.
    case handle(String, Double)
    /// The namespace of a linked module; only into JavaScript.
    case namespace(ModuleReference)
    /// What an exported function of the prelude returns; only into JavaScript.
    case prelude(String)
    /// A string of which each character is one of the bytes; only into JavaScript.
    case latin1([UInt8])

    /// Encodes a Swift value: scalars, strings and bytes as they are, anything else as JSON.
    /// - Throws: `ScriptValueError` where the value cannot be encoded.
    public init(encoding value: some Encodable) throws(ScriptValueError) {
        switch value {
        case let value as ScriptValue: self = value
        case let value as String: self = .string(value)
        case let value as Bool: self = .boolean(value)
        case let value as Double: self = .number(value)
        case let value as Int: self = .number(Double(value))
        case let value as [UInt8]: self = .bytes(value)
        case let value as Data: self = .bytes([UInt8](value))
        default:
            do {
                self = .json([UInt8](try JSONEncoder().encode(value)))
            } catch {
                throw ScriptValueError(message: "\(type(of: value)) cannot be encoded: \(error)")
            }
        }
    }

    /// Decodes a Swift value. `undefined` and `null` are `nil` for optionals.
    /// - Throws: `ScriptValueError` where the value is of another shape.
    public func decode<T: Decodable>(_ type: T.Type) throws(ScriptValueError) -> T {
        if let value = self as? T { return value }
        switch self {
        case .string(let text):
            if let value = text as? T { return value }
        case .boolean(let flag):
            if let value = flag as? T { return value }
        case .number(let number):
            if let value = number as? T { return value }
            if type == Int.self, let whole = Int(exactly: number), let value = whole as? T { return value }
        case .bytes(let bytes):
            if let value = bytes as? T { return value }
            if let value = Data(bytes) as? T { return value }
        case .undefined, .null:
            if let none = T.self as? any ExpressibleByNilLiteral.Type, let value = none.init(nilLiteral: ()) as? T {
                return value
            }
        case .json, .clone, .held, .list, .handle, .namespace, .prelude, .latin1: break
        }
        do {
            return try JSONDecoder().decode(type, from: Data(jsonText))
        } catch {
            throw ScriptValueError(message: "the value is no \(type): \(Self.describe(error))")
        }
    }

    /// The value as JSON text; what JSON cannot hold is null.
    public var jsonText: [UInt8] {
        switch self {
        case .undefined, .null, .clone, .held, .bytes, .list, .handle, .namespace, .prelude, .latin1:
            Array("null".utf8)
        case .boolean(let flag): Array((flag ? "true" : "false").utf8)
        case .number(let number): Array(Self.json(number).utf8)
        case .string(let text): Self.json(text)
        case .json(let text): text
        }
    }

    private static func json(_ number: Double) -> String {
        guard number.isFinite else { return "null" }
        return Int64(exactly: number).map(String.init) ?? "\(number)"
    }

    private static func json(_ text: String) -> [UInt8] {
        (try? JSONEncoder().encode(text)).map { [UInt8]($0) } ?? Array("null".utf8)
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
            let path = context.codingPath.map(\.stringValue).joined(separator: ".")
            return path.isEmpty ? context.debugDescription : "\(context.debugDescription) (at \(path))"
        default: return "\(error)"
        }
    }
}

extension ScriptValue: Encodable {
    /// Not for use: values cross as they are, by `init(encoding:)`.
    public func encode(to encoder: any Encoder) throws {
        throw EncodingError.invalidValue(
            self, .init(codingPath: encoder.codingPath, debugDescription: "a ScriptValue cannot be part of another"))
    }
}

/// A value that could not be copied between Swift and JavaScript.
public struct ScriptValueError: Error, Equatable, CustomStringConvertible {
    /// What did not fit.
    public let message: String
    /// The message.
    public var description: String { message }
}

/// A value by structured clone, to be handed to another isolate of the process.
public struct ExternalCopy: Sendable, Equatable {
    /// V8's serialised form (ValueSerializer). V8 checks it when it is read.
    public let bytes: [UInt8]
    /// Wraps bytes that another copy had. Take them from no stranger: the format is V8's own.
    public init(bytes: [UInt8]) { self.bytes = bytes }
}

extension ScriptValue {
    /// Takes over what the shim copied out.
    init(consuming raw: inout ci_value_t) {
        switch unsafe raw.kind {
        case .undefined, .exception, .list, .handle, .namespace, .prelude, .latin1: self = .undefined
        case .null: self = .null
        case .boolean: self = unsafe .boolean(raw.number != 0)
        case .number: self = unsafe .number(raw.number)
        case .string: self = unsafe .string(String(raw.data))
        case .bytes: self = unsafe .bytes([UInt8](raw.data))
        case .json: self = unsafe .json([UInt8](raw.data))
        case .clone: self = unsafe .clone(ExternalCopy(bytes: [UInt8](raw.data)))
        }
        unsafe ci_value_dispose(&raw)
    }

    /// Lends the value to the shim.
    func withRaw<R>(_ body: (ci_value_t) -> R) -> R {
        var raw = unsafe ci_value_t()
        switch self {
        case .undefined: unsafe raw.kind = .undefined
        case .null: unsafe raw.kind = .null
        case .boolean(let flag):
            unsafe raw.kind = .boolean
            unsafe raw.number = flag ? 1 : 0
        case .number(let number):
            unsafe raw.kind = .number
            unsafe raw.number = number
        case .string(let text):
            return unsafe text.withSlice { unsafe body(.init(kind: .string, number: 0, data: $0, id: 0)) }
        case .bytes(let bytes):
            return unsafe bytes.withSlice { unsafe body(.init(kind: .bytes, number: 0, data: $0, id: 0)) }
        case .latin1(let text):
            return unsafe text.withSlice { unsafe body(.init(kind: .latin1, number: 0, data: $0, id: 0)) }
        case .json(let text):
            return unsafe text.withSlice { unsafe body(.init(kind: .json, number: 0, data: $0, id: 0)) }
        case .held(let exception):
            unsafe raw.kind = .exception
            unsafe raw.id = exception.id
        case .clone(let copy):
            return unsafe copy.bytes.withSlice { unsafe body(.init(kind: .clone, number: 0, data: $0, id: 0)) }
        case .list(let values):
            return unsafe Self.withRaw(values) { values in
                let items = UnsafeRawBufferPointer(values)
                let data = unsafe ci_slice_t(
                    bytes: items.bindMemory(to: UInt8.self).baseAddress, count: items.count)
                return unsafe body(.init(kind: .list, number: 0, data: data, id: UInt64(values.count)))
            }
        case .handle(let name, let number):
            return unsafe name.withSlice { unsafe body(.init(kind: .handle, number: number, data: $0, id: 0)) }
        case .prelude(let name):
            return unsafe name.withSlice { unsafe body(.init(kind: .prelude, number: 0, data: $0, id: 0)) }
        case .namespace(let module):
            unsafe raw.kind = .namespace
            unsafe raw.id = module.id
        }
        return unsafe body(raw)
    }

    /// Lends several values at once.
    static func withRaw<R>(_ values: [ScriptValue], _ body: (UnsafeBufferPointer<ci_value_t>) -> R) -> R {
        // Lending nests, and V8 takes a deep stack for a script's recursion: many are copied.
        guard values.count <= 16 else {
            let memory = LentMemory()
            defer { withExtendedLifetime(memory) {} }
            return unsafe values.map { unsafe memory.lend($0) }.withUnsafeBufferPointer(body)
        }
        return unsafe withUnsafeTemporaryAllocation(of: ci_value_t.self, capacity: max(1, values.count)) { raws in
            func next(_ index: Int) -> R {
                guard index < values.count else {
                    return unsafe body(UnsafeBufferPointer(rebasing: raws[..<values.count]))
                }
                return unsafe values[index].withRaw { raw in
                    unsafe raws.initializeElement(at: index, to: raw)
                    return next(index + 1)
                }
            }
            return next(0)
        }
    }
}
