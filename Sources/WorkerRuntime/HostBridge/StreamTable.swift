// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// The streams and sinks of a context by number. Lives on the isolate's thread.
struct StreamTable {
    private enum Entry {
        case stream(any ByteStream)
        case sink(any ByteSink)
    }

    /// So many at a time.
    static let most = 1024

    private var entries: [Int: Entry] = [:]
    private var busy: Set<Int> = []
    private var last = 0

    var isFull: Bool { entries.count >= Self.most }

    mutating func add(_ stream: any ByteStream) -> Int { add(.stream(stream)) }
    mutating func add(_ sink: any ByteSink) -> Int { add(.sink(sink)) }

    private mutating func add(_ entry: Entry) -> Int {
        last += 1
        entries[last] = entry
        return last
    }

    /// The stream, from now on busy until `free`; `nil` where there is none, or it is busy.
    mutating func stream(_ number: Int) -> (any ByteStream)? {
        guard case .stream(let stream) = entries[number], busy.insert(number).inserted else { return nil }
        return stream
    }

    /// The sink, from now on busy until `free`; `nil` where there is none, or it is busy.
    mutating func sink(_ number: Int) -> (any ByteSink)? {
        guard case .sink(let sink) = entries[number], busy.insert(number).inserted else { return nil }
        return sink
    }

    /// The pipe whose sink this is, to be read by the host.
    func pipe(_ number: Int) -> BytePipe? {
        guard case .sink(let sink) = entries[number] else { return nil }
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

    /// Cancels and forgets all.
    mutating func cancelAll() {
        let all = entries.values
        entries = [:]
        busy = []
        for entry in all { Self.cancel(entry) }
    }

    private static func cancel(_ entry: Entry) {
        switch entry {
        case .stream(let stream): stream.cancel()
        case .sink(let sink): sink.cancel()
        }
    }
}
