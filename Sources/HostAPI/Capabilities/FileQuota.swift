// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import Synchronization

/// What the files under a binding's writable paths take, and may take.
///
/// Counted once, before the first change, and kept from then on; changes by others are not seen. A file has its length
/// in bytes, whatever it takes on the disk.
final class FileQuota: Sendable {
    private struct Held {
        var bytes = 0
        var files = 0

        /// Sparse files can be longer together than there are numbers.
        mutating func add(bytes more: Int) {
            let (sum, overflow) = bytes.addingReportingOverflow(more)
            bytes = overflow ? .max : max(0, sum)
        }
    }

    /// More entries than this, and folders deeper than this, are too many to count: the quota is used up then.
    private static let mostCounted = 200_000
    private static let mostDepth = 200

    private let mostBytes: Int?
    private let mostFiles: Int?
    private let folders: [(cell: FileAccess.FolderCell, only: String?)]
    private let held = Mutex<Held?>(nil)

    /// `folders`: what to count; with a name, only that entry.
    init(_ grant: FileGrant, folders: [(cell: FileAccess.FolderCell, only: String?)]) {
        mostBytes = grant.mostBytes
        mostFiles = grant.mostFiles
        self.folders = folders
    }

    /// Takes bytes and files before they are written; either may be below zero, which always succeeds.
    /// - Throws: `exhausted`, and takes nothing.
    func take(bytes: Int, files: Int) throws(HostError) {
        guard mostBytes != nil || mostFiles != nil else { return }
        let error = held.withLock { held -> HostError? in
            var sum = held ?? count()
            held = sum
            sum.add(bytes: bytes)
            sum.files = max(0, sum.files + files)
            if let most = mostBytes, bytes > 0, sum.bytes > most { return Self.full("\(most) bytes") }
            if let most = mostFiles, files > 0, sum.files > most { return Self.full("\(most) files and folders") }
            held = sum
            return nil
        }
        if let error { throw error }
    }

    private static func full(_ what: String) -> HostError {
        HostError(.exhausted, "the files of this grant may be \(what); remove some, or ask for a larger quota")
    }

    private func count() -> Held {
        var held = Held()
        var seen: Set<UInt128> = []
        for folder in folders {
            if let only = folder.only {
                if let status = try? folder.cell.file.status(of: only), status.kind == .regular {
                    held.add(bytes: status.size)
                    held.files += 1
                }
            } else if !Self.count(folder.cell.file, &held, &seen, depth: 0) {
                return Held(bytes: .max / 2, files: .max / 2)
            }
        }
        return held
    }

    /// Folders that are reached twice, because one grant is within another, count once. Answers whether all was
    /// counted.
    private static func count(
        _ folder: borrowing OpenFile, _ held: inout Held, _ seen: inout Set<UInt128>, depth: Int
    ) -> Bool {
        guard depth < mostDepth, let status = try? folder.status() else { return false }
        guard seen.insert(UInt128(status.device) << 64 | UInt128(status.inode)).inserted else { return true }
        guard let open = try? OpenFile(".", in: folder, O_RDONLY | O_DIRECTORY),
            let entries = try? open.entries(most: mostCounted - held.files)
        else { return false }
        for (name, kind) in entries {
            held.files += 1
            // What is gone meanwhile counts for nothing.
            if kind == .file, let size = try? open.status(of: name).size { held.add(bytes: size) }
            guard kind == .folder, let inner = try? OpenFile(name, in: open, openForNaming | O_DIRECTORY | O_NOFOLLOW)
            else { continue }
            guard count(inner, &held, &seen, depth: depth + 1) else { return false }
        }
        return true
    }
}
