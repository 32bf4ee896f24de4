// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Synchronization

/// A place in an original source.
package struct SourcePlace: Hashable, Sendable {
    /// Counted from 1.
    package let line: Int
    /// Counted from 1, in UTF-16 units.
    package let column: Int
    /// Which of the map's sources.
    package let source: Int
    /// What the thing there is called in the original, where the map says so.
    package let name: String?
}

/// A source map, version 3, without sections.
///
/// Lines and columns count from 1 everywhere here, as in V8's stack text; in the map itself they count from 0.
/// Decoded when first asked. What is wrong in a map makes positions unknown, never an error.
package struct SourceMap: Sendable {
    private let lazily: LazyTable
    /// Whether its sources have names of their own, rather than being the module itself.
    let namesSources: Bool

    /// - Parameters:
    ///   - contents: stands in for the map's own `sourcesContent`.
    ///   - aside: whether it is decoded on a thread of its own, while whoever asks waits: what happens once for all who
    ///     share a map is not to count as the CPU time of the script that asks first.
    package init(json: [UInt8], contents: [[UInt8]] = [], aside: Bool = false) {
        lazily = LazyTable(.json(json, contents: contents), aside: aside)
        namesSources = false
    }

    /// A map that came with the code in a `data:` URL, whose sources were others than the module.
    package init(base64: [UInt8], aside: Bool = false) {
        lazily = LazyTable(.base64(base64), aside: aside)
        namesSources = true
    }

    /// Where a place of the generated code comes from; nil where the map does not say.
    package func originalPosition(line: Int, column: Int) -> SourcePlace? {
        guard line > 0, column > 0 else { return nil }
        return lazily.table.place(line: line - 1, column: column - 1)
    }

    /// The text of an original line without its end; nil where the map does not hold it.
    package func sourceLine(at place: SourcePlace) -> String? {
        let table = lazily.table
        guard table.contents.indices.contains(place.source), let content = table.contents[place.source] else {
            return nil
        }
        return SourceText.line(place.line, of: content)
    }

    /// The names of the original sources as the map has them.
    package var sources: [String] { lazily.table.sources }

    /// The URL of the source that a place is in, for a module with this URL.
    package func url(of place: SourcePlace, inModule url: String) -> String {
        let sources = sources
        guard namesSources || sources.count > 1, sources.indices.contains(place.source) else { return url }
        let source = sources[place.source]
        // Who wrote the map chose the names.
        guard !source.isEmpty, source.utf8.count <= Self.longestName else { return url }
        return (ModuleURL(source) ?? ModuleURL(url)?.resolving(source))?.text ?? url
    }

    private static let longestName = 1024
}

private final class LazyTable: Sendable {
    enum Source: Sendable {
        case json([UInt8], contents: [[UInt8]])
        case base64([UInt8])

        var size: Int {
            switch self {
            case .json(let bytes, _), .base64(let bytes): bytes.count
            }
        }

        func decode() -> Table {
            switch self {
            case .json(let json, let contents): Table(json: json, contents: contents)
            case .base64(let text): Table(json: Base64.forgivingDecode(text) ?? [], contents: [])
            }
        }
    }

    private enum State {
        case unread(Source)
        case read(Table)
    }

    private let state: Mutex<State>
    private let aside: Bool
    /// Shorter ones are decoded in little more time than a thread takes to begin, in bytes.
    private static let short = 16 << 10

    init(_ source: Source, aside: Bool) {
        state = Mutex(.unread(source))
        self.aside = aside
    }

    var table: Table {
        state.withLock { state in
            switch state {
            case .read(let table): return table
            case .unread(let source):
                let table = aside && source.size > Self.short ? Self.decodeAside(source) : source.decode()
                state = .read(table)
                return table
            }
        }
    }

    private final class Handover: Sendable {
        let table = Mutex<Table?>(nil)
        let isThere = DispatchSemaphore(value: 0)
    }

    private static func decodeAside(_ source: Source) -> Table {
        let handover = Handover()
        let isStarted = startDetachedThread(stackSize: IsolateThread.stackSize) {
            let table = source.decode()
            handover.table.withLock { $0 = table }
            handover.isThere.signal()
        }
        if isStarted { handover.isThere.wait() }
        return handover.table.withLock { $0 } ?? source.decode()
    }
}

private struct Table: Sendable {
    struct Segment {
        let line: Int32
        let column: Int32
        /// -1: generated code without an origin.
        let source: Int32
        let originalLine: Int32
        let originalColumn: Int32
        let name: Int32
    }

    var sources: [String] = []
    var contents: [[UInt8]?] = []
    private var names: [String?] = []
    private var segments: [Segment] = []

    /// So many at the most: what comes later in the code has no known origin.
    private static let mostSegments = 1 << 20

    init(json: [UInt8], contents: [[UInt8]]) {
        // A map served on the web may begin with a line that keeps it from being run as a script.
        let start = json.starts(with: ")]}'".utf8) ? json.firstIndex(of: 10) ?? 0 : 0
        guard let map = try? JSONText.parse(Array(json[start...])), map["version"] == .number(3),
            let mappings = map["mappings"]?.string
        else { return }
        let root = map["sourceRoot"]?.string ?? ""
        sources = (map["sources"]?.array ?? []).map { source in
            let name = source.string ?? ""
            return root.isEmpty ? name : root + (root.utf8.last == UInt8(ascii: "/") ? "" : "/") + name
        }
        names = (map["names"]?.array ?? []).map(\.string)
        self.contents =
            contents.isEmpty
            ? (map["sourcesContent"]?.array ?? []).map { $0.string.map { Array($0.utf8) } } : contents
        decode(mappings)
    }

    private mutating func decode(_ mappings: String) {
        var reader = VLQReader(mappings)
        var line: Int32 = 0
        var fields = MappingFields()
        while let byte = reader.peek, segments.count < Self.mostSegments {
            if byte == UInt8(ascii: ";") {
                guard line < Int32.max else { break }
                line += 1
                fields.column = 0
                reader.skip()
            } else if byte == UInt8(ascii: ",") {
                reader.skip()
            } else {
                guard let count = fields.advance(&reader) else { break }
                segments.append(
                    Segment(
                        line: line, column: fields.column, source: count >= 4 ? fields.source : -1,
                        originalLine: fields.originalLine, originalColumn: fields.originalColumn,
                        name: count >= 5 ? fields.name : -1))
            }
        }
        let isSorted = zip(segments, segments.dropFirst()).allSatisfy { !Self.isBefore($1, $0) }
        if !isSorted { segments.sort(by: Self.isBefore) }
    }

    private static func isBefore(_ left: Segment, _ right: Segment) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }

    /// Both count from 0.
    func place(line: Int, column: Int) -> SourcePlace? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = low + (high - low) / 2
            let segment = segments[middle]
            if (Int(segment.line), Int(segment.column)) <= (line, column) { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return nil }
        let segment = segments[low - 1]
        guard Int(segment.line) == line, segment.source >= 0, sources.indices.contains(Int(segment.source)) else {
            return nil
        }
        return SourcePlace(
            line: Int(segment.originalLine) + 1, column: Int(segment.originalColumn) + 1,
            source: Int(segment.source),
            name: names.indices.contains(Int(segment.name)) ? names[Int(segment.name)] : nil)
    }
}

/// The running values that a mapping's fields are differences to.
private struct MappingFields {
    var column: Int32 = 0
    var source: Int32 = 0
    var originalLine: Int32 = 0
    var originalColumn: Int32 = 0
    var name: Int32 = 0

    /// Reads one mapping and returns the number of its fields; nil where it is none.
    mutating func advance(_ reader: inout VLQReader) -> Int? {
        let paths: [WritableKeyPath<MappingFields, Int32>] = [
            \.column, \.source, \.originalLine, \.originalColumn, \.name,
        ]
        var count = 0
        while let byte = reader.peek, byte != UInt8(ascii: ","), byte != UInt8(ascii: ";") {
            guard count < paths.count, let difference = reader.next() else { return nil }
            let (value, overflow) = self[keyPath: paths[count]].addingReportingOverflow(difference)
            guard !overflow, value >= 0 else { return nil }
            self[keyPath: paths[count]] = value
            count += 1
        }
        return count == 1 || count == 4 || count == 5 ? count : nil
    }
}

/// Reads base64 variable-length quantities.
private struct VLQReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skip() { index += 1 }

    mutating func next() -> Int32? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = peek, let digit = Base64.value(of: byte) {
            index += 1
            value |= UInt64(digit & 31) << shift
            if digit & 32 == 0 {
                let magnitude = Int64(value >> 1)
                return Int32(exactly: value & 1 == 1 ? -magnitude : magnitude)
            }
            shift += 5
            guard shift <= 30 else { return nil }
        }
        return nil
    }
}
