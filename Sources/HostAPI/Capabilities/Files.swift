// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc

/// Files beneath a folder of the operator's.
///
/// | operation | arguments | answers |
/// |---|---|---|
/// | `files.read` | path, position, count | bytes, at most 32 MiB at once |
/// | `files.stream` | path, position | a stream of bytes |
/// | `files.write` | path, bytes or text, whether it must be new | |
/// | `files.create` | path | a sink of bytes |
/// | `files.append` | path, bytes or text | |
/// | `files.patch` | path, bytes or text, position | |
/// | `files.list` | path, name to begin after, count up to 1000 | `{"entries":[{"name","kind"}],"next":…}` |
/// | `files.stat` | path | `{"kind","size","modified"}`, in bytes and milliseconds since 1970 |
/// | `files.remove` | path of a file, or of an empty folder | |
/// | `files.rename` | path, new path | |
/// | `files.mkdir` | path, whether the folders above it are made too | |
///
/// `write` and `create` put a whole new file in the place of an old one, or nothing. `append` and `patch` change the
/// file itself.
public struct Files: Capability {
    /// `files`.
    public static let name = "files"
    /// What `read` brings and `write` takes at once, in bytes: 32 MiB.
    public static let mostBytesAtOnce = 32 << 20
    /// The most entries of a folder that can be listed.
    public static let mostEntries = 100_000

    private let base: String
    private let current: FilePath

    /// Files beneath a folder.
    /// - Parameters:
    ///   - base: an absolute path; grants and scripts name what is beneath it.
    ///   - current: where relative paths of scripts begin, beneath `base`.
    /// - Throws: `GrantError` for what is no path.
    public init(base: String, current: String = ".") throws(GrantError) {
        guard base.utf8.first == UInt8(ascii: "/"), !base.utf8.contains(0), let current = FilePath(current) else {
            throw GrantError("\(HostError.quote(base)) must be the absolute path of a folder")
        }
        self.base = base
        self.current = current
    }

    /// Which files.
    public typealias Grant = FileGrant

    /// Opens the granted folders.
    public func open(_ grant: FileGrant) throws(GrantError) -> FileAccess {
        try FileAccess(grant, base: base, current: current)
    }

    /// See the table.
    public var operations: [Operation] { reading + writing + naming }

    private static let mostArgumentBytes = mostBytesAtOnce + (8 << 10)

    /// An operation that works on the binding's queue.
    private func later(
        _ name: String, most: Int = 16 << 10,
        _ work: @escaping @Sendable (HostArguments, HostCall<FileAccess>) throws(HostError) -> HostValue
    ) -> Operation {
        Operation(later: name, mostArgumentBytes: most) { arguments, call, answer in
            call.access.queue.async {
                answer { () throws(HostError) in
                    guard !call.isCancelled else { throw HostError(.cancelled, "\(call.operation) was cancelled") }
                    return try work(arguments, call)
                }
            }
        }
    }

    private static func place(
        _ arguments: HostArguments, _ call: HostCall<FileAccess>, at index: Int = 0, writes: Bool
    ) throws(HostError) -> FileAccess.Place {
        try call.access.place(try arguments.string(index, most: 4096), writes: writes)
    }

    // MARK: Reading

    private struct Listing: Encodable {
        struct Entry: Encodable {
            let name: String
            let kind: EntryKind
        }

        let entries: [Entry]
        let next: String?
    }

    private struct Status: Encodable {
        let kind: EntryKind
        let size: Int
        let modified: Int
    }

    private var reading: [Operation] {
        [
            later("read") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: false)
                let position = arguments.isAbsent(1) ? 0 : try arguments.integer(1)
                let wanted = arguments.isAbsent(2) ? nil : try arguments.integer(2, in: 0...Self.mostBytesAtOnce)
                let opened = try call.access.openFile(place, O_RDONLY)
                let count = min(wanted ?? .max, max(0, opened.status.size - position))
                guard count <= Self.mostBytesAtOnce else {
                    throw HostError(
                        .invalidArgument,
                        "\(place.shown) has \(count) bytes, and \(Self.mostBytesAtOnce) can be read at once; "
                            + "read it in parts, or as a stream")
                }
                let permit = try call.permit(count, of: .heldBytes)
                return try withExtendedLifetime(permit) { () throws(HostError) in
                    .bytes(try Self.bytes(of: opened.file, position, count, place, call))
                }
            },
            later("stream") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: false)
                let position = arguments.isAbsent(1) ? 0 : try arguments.integer(1)
                let permit = try call.permit(of: .openStreams)
                let opened = try call.access.openFile(place, O_RDONLY)
                return .stream(FileReader(opened, from: position, at: place, of: call.access, permit))
            },
            later("list") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: false)
                let after = arguments.isAbsent(1) ? "" : try arguments.string(1, most: 1024)
                let count = arguments.isAbsent(2) ? 1000 : try arguments.integer(2, in: 1...1000)
                return try Self.list(place, after: after, count, call)
            },
            later("stat") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: false)
                let file = try call.access.open(place, openForNaming)
                let status = try FileAccess.rethrow(place) { () throws(SystemError) in try file.status() }
                return try HostValue(
                    encoding: Status(
                        kind: EntryKind(status), size: status.size, modified: status.modified / 1_000_000))
            },
        ]
    }

    /// In slices, so that a call that was cancelled ends soon.
    private static func bytes(
        of file: borrowing OpenFile, _ position: Int, _ count: Int, _ place: FileAccess.Place,
        _ call: HostCall<FileAccess>
    ) throws(HostError) -> [UInt8] {
        let slice = 1 << 20
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard !call.isCancelled else { throw HostError(.cancelled, "\(call.operation) was cancelled") }
            let wanted = min(slice, count - bytes.count)
            let part: [UInt8]
            do throws(SystemError) {
                part = try file.readPart(at: position + bytes.count, atMost: wanted)
            } catch {
                throw FileAccess.failure(error, place)
            }
            bytes += part
            if part.count < wanted { break }
        }
        return bytes
    }

    private static func list(
        _ place: FileAccess.Place, after: String, _ count: Int, _ call: HostCall<FileAccess>
    ) throws(HostError) -> HostValue {
        let folder = try call.access.open(place, O_RDONLY | O_DIRECTORY)
        let found = try FileAccess.rethrow(place) { () throws(SystemError) in try folder.entries(most: mostEntries) }
        guard let found else {
            throw HostError(
                .exhausted, "\(place.shown) has more than \(mostEntries) entries, which is too many to list")
        }
        let entries = found.filter { entry in
            !entry.name.utf8.starts(with: FileAccess.temporaryPrefix.utf8)
                && after.utf8.lexicographicallyPrecedes(entry.name.utf8)
        }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let page = entries.prefix(count).map { Listing.Entry(name: $0.name, kind: $0.kind) }
        return try HostValue(encoding: Listing(entries: page, next: entries.count > count ? page.last?.name : nil))
    }

    // MARK: Writing

    private var writing: [Operation] {
        [
            later("write", most: Self.mostArgumentBytes) { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let bytes = try arguments.bytes(1, most: Self.mostBytesAtOnce)
                let mustBeNew = arguments.isAbsent(2) ? false : try arguments.boolean(2)
                let file = try NewFile(at: place, of: call.access)
                try file.append(bytes)
                try file.finish(mayReplace: !mustBeNew)
                return .undefined
            },
            later("create") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let permit = try call.permit(of: .openStreams)
                return .sink(FileWriter(try NewFile(at: place, of: call.access), of: call.access, permit))
            },
            later("append", most: Self.mostArgumentBytes) { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let bytes = try arguments.bytes(1, most: Self.mostBytesAtOnce)
                try Self.change(place, O_APPEND, call, grow: { _ in bytes.count }) { file throws(SystemError) in
                    try file.writeAll(bytes)
                }
                return .undefined
            },
            later("patch", most: Self.mostArgumentBytes) { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let bytes = try arguments.bytes(1, most: Self.mostBytesAtOnce)
                let position = try arguments.integer(2)
                try Self.change(place, 0, call, grow: { max(0, position + bytes.count - $0) }) {
                    file throws(SystemError) in
                    try file.writePart(bytes, at: position)
                }
                return .undefined
            },
        ]
    }

    /// Changes a file itself, which is made where it is not there.
    private static func change(
        _ place: FileAccess.Place, _ flags: Int32, _ call: HostCall<FileAccess>, grow: (Int) -> Int,
        _ body: (borrowing OpenFile) throws(SystemError) -> Void
    ) throws(HostError) {
        let quota = call.access.quota
        let parent = try call.access.openParent(place)
        let isNew = (try? parent.folder.status(of: parent.name)) == nil
        if isNew { try quota.take(bytes: 0, files: 1) }
        let opened = try openToChange(place, flags, call, isNew: isNew)
        do throws(HostError) {
            try quota.take(bytes: grow(opened.status.size), files: 0)
        } catch {
            if isNew {
                parent.folder.remove(parent.name)
                try? quota.take(bytes: 0, files: -1)
            }
            throw error
        }
        // What a write that failed half-way took stays taken: some of it may be there.
        try FileAccess.rethrow(place) { () throws(SystemError) in try body(opened.file) }
    }

    private static func openToChange(
        _ place: FileAccess.Place, _ flags: Int32, _ call: HostCall<FileAccess>, isNew: Bool
    ) throws(HostError) -> FileAccess.RegularFile {
        do throws(HostError) {
            return try call.access.openFile(place, O_WRONLY | O_CREAT | flags, mode: 0o666)
        } catch {
            if isNew { try? call.access.quota.take(bytes: 0, files: -1) }
            throw error
        }
    }

    // MARK: Names

    private var naming: [Operation] {
        [
            later("remove") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let parent = try call.access.openParent(place)
                let status = try FileAccess.rethrow(place) { () throws(SystemError) in
                    let status = try parent.folder.status(of: parent.name)
                    try parent.folder.remove(parent.name, isFolder: status.kind == .folder)
                    return status
                }
                try call.access.quota.take(bytes: status.kind == .regular ? -status.size : 0, files: -1)
                return .undefined
            },
            later("rename") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let target = try Self.place(arguments, call, at: 1, writes: true)
                try call.access.checkReadable(try arguments.string(0), movedTo: try arguments.string(1))
                let from = try call.access.openParent(place)
                let to = try call.access.openParent(target)
                let old = try? to.folder.status(of: to.name)
                let source = try FileAccess.rethrow(place) { () throws(SystemError) in
                    try from.folder.status(of: from.name)
                }
                try FileAccess.rethrow(target) { () throws(SystemError) in
                    try from.folder.rename(from.name, to: to.folder, to.name)
                }
                // The same file under two names is not moved, and nothing goes.
                if let old, old.inode != source.inode || old.device != source.device {
                    try call.access.quota.take(bytes: old.kind == .regular ? -old.size : 0, files: -1)
                }
                return .undefined
            },
            later("mkdir") { arguments, call throws(HostError) in
                let place = try Self.place(arguments, call, writes: true)
                let withParents = arguments.isAbsent(1) ? false : try arguments.boolean(1)
                try Self.makeFolder(place, withParents: withParents, call)
                return .undefined
            },
        ]
    }

    private static func makeFolder(
        _ place: FileAccess.Place, withParents: Bool, _ call: HostCall<FileAccess>
    ) throws(HostError) {
        let depth = place.path.components.count
        for length in (withParents ? min(1, depth) : depth)...depth {
            let part = FileAccess.Place(
                shown: place.shown, folder: place.folder, path: FilePath(place.path.components.prefix(length)),
                mayFollow: false)
            if withParents, try isFolder(part, call) { continue }
            let parent = try call.access.openParent(part)
            try call.access.quota.take(bytes: 0, files: 1)
            do throws(SystemError) {
                try parent.folder.makeFolder(parent.name)
            } catch {
                try call.access.quota.take(bytes: 0, files: -1)
                throw FileAccess.failure(error, place)
            }
        }
    }

    private static func isFolder(_ place: FileAccess.Place, _ call: HostCall<FileAccess>) throws(HostError) -> Bool {
        do throws(HostError) {
            _ = try call.access.open(place, openForNaming | O_DIRECTORY)
            return true
        } catch {
            guard error.code == .notFound else { throw error }
            return false
        }
    }
}
