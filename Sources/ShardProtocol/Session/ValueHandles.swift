// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// The streams in a value that goes over the connection, with their new ids.
struct ValueHandles {
    private(set) var streams: [(id: UInt32, stream: any ByteStream)] = []
    private(set) var sinks: [(id: UInt32, sink: any ByteSink)] = []

    /// The value with ids in place of its streams.
    /// - Throws: `exhausted` where there is no id left.
    mutating func wireValue(of value: HostValue, _ ids: inout IDSpace, depth: Int = 0) throws(HostError) -> WireValue {
        switch value {
        case .undefined: return .undefined
        case .null: return .null
        case .boolean(let flag): return .boolean(flag)
        case .number(let number): return .number(number)
        case .string(let text): return .string(text)
        case .bytes(let bytes): return .bytes(bytes)
        case .json(let text): return .json(text)
        case .list(let values):
            guard depth < HostValueCoding.mostDepth else { throw HostError(.failed, "lists in lists in lists") }
            var list: [WireValue] = []
            list.reserveCapacity(values.count)
            for value in values { list.append(try wireValue(of: value, &ids, depth: depth + 1)) }
            return .list(list)
        case .stream(let stream):
            let id = try next(&ids)
            streams.append((id, stream))
            return .stream(id)
        case .sink(let sink):
            let id = try next(&ids)
            sinks.append((id, sink))
            return .sink(id)
        }
    }

    private func next(_ ids: inout IDSpace) throws(HostError) -> UInt32 {
        guard let id = ids.next() else { throw HostError(.exhausted, "this connection has no ids left") }
        return id
    }
}

extension WireValue {
    /// The value with streams in place of their ids.
    func hostValue(_ stream: (UInt32) -> any ByteStream, _ sink: (UInt32) -> any ByteSink) -> HostValue {
        switch self {
        case .undefined: .undefined
        case .null: .null
        case .boolean(let flag): .boolean(flag)
        case .number(let number): .number(number)
        case .string(let text): .string(text)
        case .bytes(let bytes): .bytes(bytes)
        case .json(let text): .json(text)
        case .list(let values): .list(values.map { $0.hostValue(stream, sink) })
        case .stream(let id): .stream(stream(id))
        case .sink(let id): .sink(sink(id))
        }
    }
}
