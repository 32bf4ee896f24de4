// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import HostAPI
internal import Synchronization
public import WorkerRuntime
public import WorkerTypes

/// The log of an executor: one JSON object a line for each dispatch, and for each console line where that is wanted.
///
/// What happens is gathered, and made text and written on another thread: a slow disk or reader makes nobody wait. What
/// does not fit meanwhile is dropped, and a line says how much that was.
public final class RecordLog: WorkerObserver {
    /// What is logged.
    public struct Options: Sendable {
        /// Console lines too.
        public var includesConsole = false
        /// Dispatches that ended well too.
        public var includesSuccesses = true
        /// The most bytes of what waits to be written, about.
        public var mostBytes = 4 << 20
        /// How long lines are gathered.
        public var delay = Duration.milliseconds(50)

        /// Every dispatch, and no console lines.
        public init() {}
    }

    /// Where lines go.
    public enum Sink: Sendable {
        /// Bytes of whole lines, one call after another, not on threads of the runtime.
        case function(@Sendable ([UInt8]) -> Void)
        /// A file that is appended to; nobody else may read it where it is made.
        case file(String)
    }

    private struct Gathered {
        var events: [WorkerEvent] = []
        var bytes = 0
        var dropped = 0
        var isScheduled = false
        var isClosed = false
    }

    private let options: Options
    private let gathered = Mutex(Gathered())
    private let queue = DispatchQueue(label: "rookery.record-log")
    private let output: Mutex<Output>

    /// The file, and what is empty.
    private struct Output: ~Copyable {
        let sink: Sink
        var file: OpenFile?
        var events: [WorkerEvent] = []
        var writer = JSONWriter()
    }

    /// - Throws: `RecordLogError`, where the file cannot be written.
    public init(_ sink: Sink, options: Options = Options()) throws(RecordLogError) {
        self.options = options
        output = Mutex(Output(sink: sink, file: try Self.open(sink)))
    }

    /// Opens the file again, as after another program has moved it.
    /// - Throws: `RecordLogError`; what was open stays open.
    public func reopen() throws(RecordLogError) {
        let result = output.withLock { output -> RecordLogError? in
            do throws(RecordLogError) {
                let file = try Self.open(output.sink)
                output.file = consume file
                return nil
            } catch {
                return error
            }
        }
        if let result { throw result }
    }

    private static func open(_ sink: Sink) throws(RecordLogError) -> OpenFile? {
        guard case .file(let path) = sink else { return nil }
        do throws(SystemError) {
            return try OpenFile(path, O_WRONLY | O_APPEND | O_CREAT)
        } catch {
            throw RecordLogError(description: "\(path): \(error); name a file that this user may write")
        }
    }

    /// A line for console.
    public func observe(_ line: WorkerLogLine) {
        guard options.includesConsole else { return }
        append(.line(line))
    }

    /// A dispatch is over.
    public func observe(_ record: RequestRecord) {
        guard options.includesSuccesses || record.outcome != .ok else { return }
        append(.record(record))
    }

    /// Only keeps what happened: the text is made on the log's thread.
    private func append(_ event: WorkerEvent) {
        let size = event.size
        let isFirst = gathered.withLock { gathered in
            guard !gathered.isClosed else { return false }
            guard gathered.bytes + size <= options.mostBytes else {
                gathered.dropped += 1
                return false
            }
            gathered.events.append(event)
            gathered.bytes += size
            defer { gathered.isScheduled = true }
            return !gathered.isScheduled
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + .nanoseconds(Int(options.delay.nanoseconds))) { [self] in flush() }
    }

    /// Writes what was gathered, and takes nothing more. Waits for the disk.
    public func close() {
        gathered.withLock { $0.isClosed = true }
        queue.sync { flush() }
    }

    private func flush() {
        output.withLock { output in
            // Swapped, never copied: both lists keep their memory.
            var events: [WorkerEvent] = []
            swap(&events, &output.events)
            let dropped = gathered.withLock { gathered in
                swap(&events, &gathered.events)
                defer { gathered.dropped = 0 }
                gathered.bytes = 0
                gathered.isScheduled = false
                return gathered.dropped
            }
            for event in events {
                event.write(to: &output.writer, hasType: true)
                output.writer.text("\n")
                if output.writer.bytes.count >= Self.piece { Self.write(&output) }
            }
            if dropped > 0 {
                output.writer.object { writer in
                    writer.member("type", "dropped")
                    writer.member("count", dropped)
                }
                output.writer.text("\n")
            }
            Self.write(&output)
            events.removeAll(keepingCapacity: true)
            swap(&events, &output.events)
        }
    }

    /// Bytes that are written at once, about.
    private static let piece = 64 << 10

    /// A disk that takes nothing loses lines: there is nobody to tell.
    private static func write(_ output: inout Output) {
        guard !output.writer.bytes.isEmpty else { return }
        switch output.sink {
        case .function(let write): write(output.writer.bytes)
        case .file: try? output.file?.writeAll(output.writer.bytes)
        }
        output.writer.removeAll()
    }
}

/// Why there is no log.
public struct RecordLogError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong and what to do.
    public let description: String
}
