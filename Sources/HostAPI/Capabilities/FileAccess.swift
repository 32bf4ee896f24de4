// SPDX-License-Identifier: Apache-2.0
internal import Dispatch
internal import Glibc

/// The folders of one binding, open, and what may be done beneath them.
///
/// Every path is resolved by the kernel beneath a folder that was opened with the binding (`openat2`): neither `..` nor
/// a symbolic link, whenever it was made, leads outside. Reading follows links that stay inside; what changes something
/// follows none. The work of a binding is done in order on a queue of its own, never on an isolate's thread.
public final class FileAccess: Sendable {
    /// A granted path. What is no folder when the binding is made is a name in the folder above it.
    private struct Root: Sendable {
        let granted: FilePath
        /// Where the open folder is.
        let base: FilePath
        let folder: FolderCell
        let isRead: Bool
        let isWrite: Bool
    }

    final class FolderCell: Sendable {
        let file: OpenFile
        init(_ file: consuming OpenFile) { self.file = file }
    }

    /// A path that is granted: beneath an open folder.
    struct Place: Sendable {
        let shown: String
        let folder: FolderCell
        let path: FilePath
        /// Links of a folder that is granted only in part are not followed: they can lead to another part.
        let mayFollow: Bool
    }

    /// Names that files have while they are written.
    static let temporaryPrefix = ".rookery-"

    let queue = DispatchQueue(label: "rookery.files")
    let quota: FileQuota
    private let current: FilePath
    private let roots: [Root]

    /// - Parameters:
    ///   - base: an absolute path, beneath which all paths are.
    ///   - current: where relative paths begin.
    init(_ grant: FileGrant, base: String, current: FilePath) throws(GrantError) {
        var roots: [Root] = []
        for (paths, isWrite) in [(grant.read, false), (grant.write, true)] {
            for text in paths { roots.append(try Self.open(text, base: base, isWrite: isWrite)) }
        }
        self.roots = roots
        self.current = current
        quota = FileQuota(
            grant,
            folders: roots.filter(\.isWrite).map { ($0.folder, $0.base == $0.granted ? nil : $0.granted.split?.name) })
    }

    private static func open(_ text: String, base: String, isWrite: Bool) throws(GrantError) -> Root {
        guard let granted = FilePath(text) else {
            throw GrantError("\(HostError.quote(text)) is no path beneath the folder of this grant")
        }
        func folder(_ path: FilePath) -> FolderCell? {
            do throws(SystemError) {
                return FolderCell(try OpenFile("\(base)/\(path.relative)", openForNaming | O_DIRECTORY))
            } catch {
                return nil
            }
        }
        if let cell = folder(granted) {
            return Root(granted: granted, base: granted, folder: cell, isRead: !isWrite, isWrite: isWrite)
        }
        guard let above = granted.split?.folder, let cell = folder(above) else {
            throw GrantError(
                "\(HostError.quote(text)) cannot be granted: the folder above it cannot be opened; make it first")
        }
        return Root(granted: granted, base: above, folder: cell, isRead: !isWrite, isWrite: isWrite)
    }

    // MARK: Finding

    /// The place of a path, by the nearest grant above it.
    /// - Throws: `denied`; `invalidArgument` for what is no path.
    func place(_ text: String, writes: Bool) throws(HostError) -> Place {
        let shown = HostError.quote(text)
        guard let path = FilePath(text, in: current) else {
            throw HostError(
                .invalidArgument,
                "\(shown) is no path here: it is empty or too long, has NUL in it, or leads out by \"..\"")
        }
        guard !path.components.contains(where: { $0.starts(with: Self.temporaryPrefix.utf8) }) else {
            throw HostError(.invalidArgument, "\(shown): names that begin with \(Self.temporaryPrefix) are the host's")
        }
        let granting = roots.filter { (writes ? $0.isWrite : $0.isRead) && $0.granted.contains(path) }
        guard let root = granting.max(by: { $0.granted.components.count < $1.granted.components.count }) else {
            let verb = writes ? "writing" : "reading"
            let grant = writes ? "a files grant that writes" : "a files grant that reads"
            throw .denied("\(verb) \(shown)", allowedBy: "\(grant) \(HostError.quote(path.relative))")
        }
        return Place(
            shown: shown, folder: root.folder, path: root.base.remainder(of: path),
            mayFollow: !writes && root.base == root.granted)
    }

    /// Refuses to move what may not be read to where it could be.
    func checkReadable(_ text: String, movedTo target: String) throws(HostError) {
        guard let source = FilePath(text, in: current), let target = FilePath(target, in: current) else { return }
        let readable = roots.filter(\.isRead).map(\.granted)
        let isExposed = readable.contains { $0.contains(target) || target.contains($0) }
        guard isExposed, !readable.contains(where: { $0.contains(source) }) else { return }
        throw .denied(
            "moving \(HostError.quote(text)), which may not be read, to where it could be",
            allowedBy: "a files grant that reads \(HostError.quote(source.relative))")
    }

    /// Opens what is at a place.
    func open(_ place: Place, _ flags: Int32, mode: UInt32 = 0) throws(HostError) -> OpenFile {
        do throws(SystemError) {
            return try OpenFile(
                beneath: place.folder.file, place.path.relative, flags, mode: mode, followLinks: place.mayFollow)
        } catch {
            throw Self.failure(error, place)
        }
    }

    /// A regular file, and what is known of it.
    struct RegularFile: ~Copyable {
        let file: OpenFile
        let status: FileStatus
    }

    /// The folder that something is in, and its name there.
    struct Parent: ~Copyable {
        let folder: OpenFile
        let name: String
    }

    /// Opens a regular file. What is something else is not even opened, as far as that can be known before.
    func openFile(_ place: Place, _ flags: Int32, mode: UInt32 = 0) throws(HostError) -> RegularFile {
        do throws(HostError) {
            _ = try Self.regular(try open(place, openForNaming), place)
        } catch {
            guard error.code == .notFound, flags & O_CREAT != 0 else { throw error }
        }
        let file = try open(place, flags, mode: mode)
        let status = try Self.regular(file, place)
        return RegularFile(file: file, status: status)
    }

    private static func regular(_ file: borrowing OpenFile, _ place: Place) throws(HostError) -> FileStatus {
        do throws(SystemError) {
            let status = try file.status()
            switch status.kind {
            case .regular: return status
            case .folder: throw SystemError(number: EISDIR)
            case .other: throw SystemError(number: ENXIO)
            }
        } catch {
            throw failure(error, place)
        }
    }

    /// Opens the folder that a place is in, to change a name in it.
    /// - Throws: `denied` for the granted folder itself.
    func openParent(_ place: Place) throws(HostError) -> Parent {
        guard let (above, name) = place.path.split else {
            throw .denied(
                "changing the granted folder \(place.shown) itself", allowedBy: "a files grant of the folder above")
        }
        let folder = Place(shown: place.shown, folder: place.folder, path: above, mayFollow: false)
        return Parent(folder: try open(folder, openForNaming | O_DIRECTORY), name: name)
    }

    // MARK: Failing

    static func rethrow<T: ~Copyable>(_ place: Place, _ body: () throws(SystemError) -> T) throws(HostError) -> T {
        do throws(SystemError) {
            return try body()
        } catch {
            throw failure(error, place)
        }
    }

    static func failure(_ error: SystemError, _ place: Place) -> HostError {
        let name = place.shown
        switch error.number {
        case ENOENT: return HostError(.notFound, "\(name) is not there")
        case ENOTDIR: return HostError(.notFound, "\(name) is not there: a part of it, or itself, is no folder")
        case EEXIST: return HostError(.conflict, "\(name) is there already")
        case ENOTEMPTY: return HostError(.conflict, "the folder \(name) is not empty; remove what is in it first")
        case EISDIR: return HostError(.invalidArgument, "\(name) is a folder")
        case ENXIO, ENODEV: return HostError(.invalidArgument, "\(name) is a device, pipe or socket, not a file")
        case EINVAL:
            return HostError(.invalidArgument, "\(name): the system does not take this, such as a folder into itself")
        case ENAMETOOLONG: return HostError(.invalidArgument, "\(name) is longer than a path may be")
        case EXDEV, ELOOP:
            return .denied(
                "\(name), which leads through a symbolic link or to another file system,",
                allowedBy: "a files grant of the place where it leads")
        case EACCES, EPERM, EROFS:
            return HostError(.unavailable, "\(name): the host's process may not do this; the operator can change it")
        case ENOSPC, EDQUOT, EFBIG: return HostError(.exhausted, "\(name): the disk has no room for it")
        case ENOSYS: return HostError(.unavailable, "files need Linux 5.6 or later (openat2)")
        default: return HostError(.unavailable, "\(name): \(error)")
        }
    }
}
