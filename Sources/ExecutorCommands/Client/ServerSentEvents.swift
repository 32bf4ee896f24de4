// SPDX-License-Identifier: Apache-2.0

/// An event of `text/event-stream`.
struct ServerSentEvent: Sendable, Hashable {
    var type: String
    var data: String
}

/// Reads `text/event-stream`, in pieces of any size.
struct ServerSentEvents {
    /// A line or an event may have so many bytes; of longer ones the rest is dropped.
    static let mostBytes = 4 << 20

    private var line: [UInt8] = []
    private var type = ""
    private var data: String?
    private var size = 0
    private var isAfterCarriageReturn = false
    private var isFirstLine = true

    /// The events that a piece completes.
    mutating func read(_ bytes: [UInt8]) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            let wasAfterCarriageReturn = isAfterCarriageReturn
            isAfterCarriageReturn = byte == 13
            if byte == 10, wasAfterCarriageReturn { continue }
            guard byte == 10 || byte == 13 else {
                if line.count < Self.mostBytes { line.append(byte) }
                continue
            }
            if isFirstLine, line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
            isFirstLine = false
            if let event = endLine() { events.append(event) }
            line.removeAll(keepingCapacity: line.count < 64 << 10)
        }
        return events
    }

    private mutating func endLine() -> ServerSentEvent? {
        guard !line.isEmpty else {
            defer { (type, data, size) = ("", nil, 0) }
            return data.map { ServerSentEvent(type: type.isEmpty ? "message" : type, data: $0) }
        }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
        var value = line[min(colon + 1, line.count)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": type = String(decoding: value, as: UTF8.self)
        case "data":
            guard size + value.count <= Self.mostBytes else { break }
            size += value.count
            data = data.map { $0 + "\n" } ?? ""
            data? += String(decoding: value, as: UTF8.self)
        default: break
        }
        return nil
    }
}
