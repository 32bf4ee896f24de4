// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import NIOCore

/// A value between a script and the host as it goes over the connection: streams are ids.
public enum WireValue: Sendable, Hashable {
    case undefined
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case bytes([UInt8])
    case json([UInt8])
    case list([WireValue])
    /// Whoever sent the value writes it.
    case stream(UInt32)
    /// Whoever got the value writes it.
    case sink(UInt32)

    /// The same number of bytes as `HostValue.byteCount`.
    public var byteCount: Int {
        switch self {
        case .undefined, .null, .boolean, .number, .stream, .sink: 8
        case .string(let text): text.utf8.count
        case .bytes(let bytes), .json(let bytes): bytes.count
        case .list(let values): values.reduce(0) { $0 + $1.byteCount }
        }
    }

    /// The streams in it, in their order.
    var handles: [WireHandle] {
        switch self {
        case .stream(let id): [WireHandle(id: id, isSink: false)]
        case .sink(let id): [WireHandle(id: id, isSink: true)]
        case .list(let values): values.flatMap(\.handles)
        default: []
        }
    }
}

/// A stream in a value.
struct WireHandle: Hashable, Sendable {
    let id: UInt32
    let isSink: Bool
}

/// How values are bounded.
public enum HostValueCoding {
    /// Lists within lists.
    public static let mostDepth = 8
    /// Values in one message.
    public static let mostValues = 65536
    /// Arguments of a call.
    public static let mostArguments = 64
}

extension WireReader {
    mutating func value(depth: Int = 0) throws(ProtocolError) -> WireValue {
        guard valuesLeft > 0 else { throw malformed("more than \(HostValueCoding.mostValues) values") }
        valuesLeft -= 1
        switch try integer(UInt8.self) {
        case 0: return .undefined
        case 1: return .null
        case 2: return .boolean(try flag())
        case 3: return .number(try double())
        case 4: return .string(try string())
        case 5: return .bytes(try bytes())
        case 6: return .json(try bytes())
        case 7:
            guard depth < HostValueCoding.mostDepth else { throw malformed("lists in lists in lists") }
            let count = try elements(ofAtLeast: 1, atMost: valuesLeft)
            var values: [WireValue] = []
            values.reserveCapacity(count)
            for _ in 0..<count { values.append(try value(depth: depth + 1)) }
            return .list(values)
        case 8: return .stream(try integer())
        case 9: return .sink(try integer())
        case let tag: throw malformed("a value of kind \(tag)")
        }
    }

    mutating func hostError() throws(ProtocolError) -> HostError {
        HostError(try choice(WireChoices.errorCodes), try string(atMost: ByteBuffer.mostErrorBytes))
    }

    mutating func result() throws(ProtocolError) -> Result<WireValue, HostError> {
        if try flag() { return .success(try value()) }
        return .failure(try hostError())
    }
}

extension ByteBuffer {
    static let mostErrorBytes = 4 << 10

    mutating func write(_ value: WireValue) {
        switch value {
        case .undefined: write(UInt8(0))
        case .null: write(UInt8(1))
        case .boolean(let flag):
            write(UInt8(2))
            write(flag)
        case .number(let number):
            write(UInt8(3))
            write(number)
        case .string(let text):
            write(UInt8(4))
            write(text)
        case .bytes(let bytes):
            write(UInt8(5))
            write(bytes)
        case .json(let bytes):
            write(UInt8(6))
            write(bytes)
        case .list(let values):
            write(UInt8(7))
            write(list: values) { $0.write($1) }
        case .stream(let id):
            write(UInt8(8))
            write(id)
        case .sink(let id):
            write(UInt8(9))
            write(id)
        }
    }

    mutating func write(_ error: HostError) {
        write(error.code, of: WireChoices.errorCodes)
        write(error.message, atMost: Self.mostErrorBytes)
    }

    mutating func write(_ result: Result<WireValue, HostError>) {
        switch result {
        case .success(let value):
            write(true)
            write(value)
        case .failure(let error):
            write(false)
            write(error)
        }
    }
}

extension WireValue {
    /// Whether the other side would take it.
    var isEncodable: Bool {
        var left = HostValueCoding.mostValues
        return fits(0, &left)
    }

    private func fits(_ depth: Int, _ left: inout Int) -> Bool {
        left -= 1
        guard left >= 0 else { return false }
        guard case .list(let values) = self else { return true }
        guard depth < HostValueCoding.mostDepth else { return false }
        for value in values where !value.fits(depth + 1, &left) { return false }
        return true
    }
}
