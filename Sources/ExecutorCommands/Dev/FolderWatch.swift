// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc
internal import Synchronization

/// Says when files in folders change, as the kernel tells (inotify).
final class FolderWatch: Sendable {
    private struct State {
        /// Watches by folder.
        var watches: [String: Int32] = [:]
        var isTold = false
        var source: (any DispatchSourceRead)?
    }

    /// One element for all changes that come within a moment of each other.
    let changes: AsyncStream<Void>
    private let told: AsyncStream<Void>.Continuation
    private let descriptor: Int32
    private let queue: DispatchQueue
    private let state = Mutex(State())

    /// Editors write a file in several steps: so long nothing may happen before a change is told.
    private static let calm = DispatchTimeInterval.milliseconds(40)
    /// So many folders are watched.
    static let mostFolders = 2048
    private static let wanted = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_ATTRIB)

    /// - Throws: `CommandEnded`, where the system gives no more of its means.
    init() throws {
        descriptor = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard descriptor >= 0 else {
            throw CommandEnded(.failed, "changes of files cannot be watched: \(OperatorFile.systemMessage(errno))")
        }
        (changes, told) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        queue = DispatchQueue(label: "rookery.folder-watch")
        state.withLock { state in
            let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
            source.setCancelHandler { [descriptor] in close(descriptor) }
            source.setEventHandler { [weak self] in self?.read() }
            source.activate()
            state.source = source
        }
    }

    deinit {
        state.withLock { $0.source?.cancel() }
        told.finish()
    }

    /// Watches these folders, and no others, not what lies in folders of theirs. Those that are not there are left out.
    func watch(_ folders: Set<String>) {
        state.withLock { state in
            for (folder, watch) in state.watches where !folders.contains(folder) {
                _ = inotify_rm_watch(descriptor, watch)
                state.watches[folder] = nil
            }
            for folder in folders.sorted() where state.watches[folder] == nil {
                guard state.watches.count < Self.mostFolders else { break }
                let watch = unsafe inotify_add_watch(descriptor, folder, Self.wanted)
                if watch >= 0 { state.watches[folder] = watch }
            }
        }
    }

    /// How many folders are watched.
    var count: Int { state.withLock { $0.watches.count } }

    private func read() {
        var isWanted = false
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for event in InotifyEvents(block: block, count: count) {
                if event.isGone {
                    state.withLock { state in state.watches = state.watches.filter { $0.value != event.watch } }
                }
                isWanted = isWanted || Self.isSource(event.name)
            }
        }
        guard isWanted else { return }
        let isFirst = state.withLock { state in
            defer { state.isTold = true }
            return !state.isTold
        }
        guard isFirst else { return }
        queue.asyncAfter(deadline: .now() + Self.calm) { [weak self] in
            guard let self else { return }
            state.withLock { $0.isTold = false }
            told.yield()
        }
    }

    /// Not what editors and version control keep beside files.
    private static func isSource(_ name: String) -> Bool {
        !name.hasPrefix(".") && !name.hasSuffix("~") && !name.hasSuffix(".tmp") && !name.hasPrefix("#")
    }
}

/// The events in a block that the kernel filled: watch, mask, cookie and length of the name, four bytes each, and the
/// name.
private struct InotifyEvents: Sequence, IteratorProtocol {
    struct Event {
        let watch: Int32
        /// The folder is gone, and its watch.
        let isGone: Bool
        let name: String
    }

    let block: [UInt8]
    let count: Int
    private var position = 0

    init(block: [UInt8], count: Int) {
        (self.block, self.count) = (block, count)
    }

    private func number(at index: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(block[index + $1]) << UInt32(8 * $1) }
    }

    mutating func next() -> Event? {
        let start = position
        guard start + 16 <= count, case let length = Int(number(at: start + 12)), start + 16 + length <= count else {
            return nil
        }
        position = start + 16 + length
        let name = block[start + 16..<position].prefix { $0 != 0 }
        return Event(
            watch: Int32(bitPattern: number(at: start)), isGone: number(at: start + 4) & UInt32(IN_IGNORED) != 0,
            name: String(decoding: name, as: UTF8.self))
    }
}
