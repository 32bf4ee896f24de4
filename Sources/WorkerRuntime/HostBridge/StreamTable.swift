// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// The streams and sinks of a context by number. Lives on the isolate's thread.
struct StreamTable {
    private enum End {
        case stream(any ByteStream)
        case sink(any ByteSink)
    }

    private struct Entry {
        let end: End
        /// The dispatch that it belongs to; 0: none.
        let dispatch: UInt32
    }

    /// So many at a time.
    static let most = 1024

    private var entries: [Int: Entry] = [:]
    private var busy: Set<Int> = []
    private var last = 0

    var isFull: Bool { entries.count >= Self.most }

    mutating func add(_ stream: any ByteStream, of dispatch: UInt32) -> Int { add(.stream(stream), dispatch) }
    mutating func add(_ sink: any ByteSink, of dispatch: UInt32) -> Int { add(.sink(sink), dispatch) }

    private mutating func add(_ end: End, _ dispatch: UInt32) -> Int {
        last += 1
        entries[last] = Entry(end: end, dispatch: dispatch)
        return last
    }

    /// The stream, from now on busy until `free`; `nil` where there is none, or it is busy.
    mutating func stream(_ number: Int) -> (any ByteStream)? {
        guard case .stream(let stream) = entries[number]?.end, busy.insert(number).inserted else { return nil }
        return stream
    }

    /// The sink, from now on busy until `free`; `nil` where there is none, or it is busy.
    mutating func sink(_ number: Int) -> (any ByteSink)? {
        guard case .sink(let sink) = entries[number]?.end, busy.insert(number).inserted else { return nil }
        return sink
    }

    /// The pipe whose sink this is, to be read by the host.
    func pipe(_ number: Int) -> BytePipe? {
        guard case .sink(let sink) = entries[number]?.end else { return nil }
        return sink as? BytePipe
    }

    /// Its read or write is answered; `isOver`: nothing more comes or goes.
    mutating func free(_ number: Int, isOver: Bool) {
        busy.remove(number)
        if isOver { entries[number] = nil }
    }

    /// Cancels and forgets one.
    mutating func cancel(_ number: Int) {
        guard let entry = entries.removeValue(forKey: number) else { return }
        busy.remove(number)
        Self.cancel(entry)
    }

    /// Cancels and forgets those of a dispatch.
    mutating func cancelAll(of dispatch: UInt32) {
        guard !entries.isEmpty else { return }
        for (number, entry) in entries where entry.dispatch == dispatch { cancel(number) }
    }

    /// Cancels and forgets all.
    mutating func cancelAll() {
        let all = entries.values
        entries = [:]
        busy = []
        for entry in all { Self.cancel(entry) }
    }

    private static func cancel(_ entry: Entry) {
        switch entry.end {
        case .stream(let stream): stream.cancel()
        case .sink(let sink): sink.cancel()
        }
    }
}
