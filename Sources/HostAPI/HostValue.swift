// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials

/// A value as it crosses between a script and the host; always a copy, never a JavaScript object.
public enum HostValue: Sendable {
    case undefined
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    /// A `Uint8Array`.
    case bytes([UInt8])
    /// Any other value as JSON text.
    case json([UInt8])
    /// Several values at once, where one of them is bytes or a stream. Only from the host.
    case list([HostValue])
    /// Bytes that come one chunk after another: a `ReadableStream`.
    case stream(any ByteStream)
    /// What takes bytes one chunk after another: a `WritableStream`. Only from the host.
    case sink(any ByteSink)

    /// What the value holds, in bytes; 8 for a scalar, nothing for what a stream is still to bring.
    public var byteCount: Int {
        switch self {
        case .undefined, .null, .boolean, .number, .stream, .sink: 8
        case .string(let text): text.utf8.count
        case .bytes(let bytes), .json(let bytes): bytes.count
        case .list(let values): values.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// The kind of value, for messages.
    public var kind: String {
        switch self {
        case .undefined: "undefined"
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .bytes: "bytes"
        case .json: "an object"
        case .list: "a list"
        case .stream, .sink: "a stream"
        }
    }

    /// Nobody wants the value: cancels the streams in it.
    public func discard() {
        switch self {
        case .stream(let stream): stream.cancel()
        case .sink(let sink): sink.cancel()
        case .list(let values): for value in values { value.discard() }
        case .undefined, .null, .boolean, .number, .string, .bytes, .json: break
        }
    }

    /// Encodes a Swift value: scalars, strings and bytes as they are, anything else as JSON.
    /// - Throws: `HostError` `failed`, where the value cannot be encoded.
    public init(encoding value: some Encodable) throws(HostError) {
        switch value {
        case let value as String: self = .string(value)
        case let value as Bool: self = .boolean(value)
        case let value as Double: self = .number(value)
        case let value as Int: self = .number(Double(value))
        // An empty array can be cast to one of any other type.
        case let bytes as [UInt8] where type(of: value) == [UInt8].self: self = .bytes(bytes)
        default:
            do {
                self = .json([UInt8](try JSONEncoder().encode(value)))
            } catch {
                throw HostError(.failed, "\(type(of: value)) cannot be encoded: \(error)")
            }
        }
    }

    /// Decodes a Swift value. `undefined` and `null` are `nil` for optionals.
    /// - Throws: `HostError` `invalidArgument`, where the value is of another shape.
    public func decode<T: Decodable>(_ type: T.Type) throws(HostError) -> T {
        switch self {
        case .string(let text): if let value = text as? T { return value }
        case .boolean(let flag): if let value = flag as? T { return value }
        case .number(let number):
            if let value = number as? T { return value }
            if type == Int.self, let value = Int(exactly: number) as? T { return value }
        case .bytes(let bytes): if type == [UInt8].self, let value = bytes as? T { return value }
        case .undefined, .null:
            if let none = T.self as? any ExpressibleByNilLiteral.Type, let value = none.init(nilLiteral: ()) as? T {
                return value
            }
        case .json, .list, .stream, .sink: break
        }
        guard let text = jsonText else { throw HostError(.invalidArgument, "must be \(type), not \(kind)") }
        do {
            return try JSONDecoder().decode(type, from: Data(text))
        } catch {
            throw HostError(.invalidArgument, "is not as expected: \(Self.describe(error))")
        }
    }

    /// The value as JSON text; `nil` where it has none.
    var jsonText: [UInt8]? {
        switch self {
        case .null: Array("null".utf8)
        case .boolean(let flag): Array((flag ? "true" : "false").utf8)
        case .number(let number):
            number.isFinite ? Array((Int64(exactly: number)?.description ?? "\(number)").utf8) : nil
        case .string(let text): (try? JSONEncoder().encode(text)).map { [UInt8]($0) }
        case .json(let text): text
        case .undefined, .bytes, .list, .stream, .sink: nil
        }
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

extension HostValue: Equatable {
    /// Whether two values are the same; streams only if they are the same object.
    public static func == (left: HostValue, right: HostValue) -> Bool {
        switch (left, right) {
        case (.undefined, .undefined), (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        // Swift's == of strings takes other sequences of code points for the same text.
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.bytes(let left), .bytes(let right)), (.json(let left), .json(let right)): left == right
        case (.list(let left), .list(let right)): left == right
        case (.stream(let left), .stream(let right)): left === right
        case (.sink(let left), .sink(let right)): left === right
        default: false
        }
    }
}
