// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI
internal import Synchronization

/// The folder with everything that a server keeps, locked for this process.
///
/// Only its owner may enter it. The lock ends when the folder is closed, and with the process, however that ends.
public final class DataFolder: Sendable {
    /// As it was given.
    public let path: String
    private let folder: OpenFile
    private let lock: Mutex<OpenFile?>

    /// Opens the folder, and makes it where its parent has none.
    /// - Throws: `RegistryError`: `unreachable`, `readOnly`, `full`, or `locked` where another process has it.
    public init(_ path: String) throws(RegistryError) {
        self.path = path
        do throws(SystemError) {
            try SystemPath.makeFolder(path)
        } catch {
            guard error.number == EEXIST else { throw RegistryError(error, path: path) }
        }
        let isLocked: Bool
        do throws(SystemError) {
            folder = try OpenFile(path, O_RDONLY | O_DIRECTORY)
            let lock = try OpenFile(Self.lockName, in: folder, O_RDWR | O_CREAT | O_NOFOLLOW)
            isLocked = try lock.lock()
            self.lock = Mutex(lock)
        } catch {
            throw RegistryError(error, path: path)
        }
        guard isLocked else {
            throw RegistryError(
                .locked,
                "\(path): another process uses this folder (to see which: fuser \(path)/\(Self.lockName)); end it, "
                    + "or name another folder")
        }
    }

    /// Lets others have the folder. What uses it must be closed before.
    public func close() {
        lock.withLock { file in
            file?.unlock()
            file = nil
        }
    }

    deinit { close() }

    private static let lockName = "rookery.lock"

    /// The path of a file in the folder.
    public func path(of name: String) -> String { "\(path)/\(name)" }

    /// What a file says that nobody else may read; `nil` where there is none.
    /// - Throws: `exposed`, where others may read or write it; `corrupt`, where it is no file of at most 64 KiB.
    func secretFile(_ name: String) throws(RegistryError) -> [UInt8]? {
        let path = path(of: name)
        let status: FileStatus
        let bytes: [UInt8]?
        do throws(SystemError) {
            let file = try OpenFile(name, in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            status = try file.status()
            bytes = status.kind == .regular ? try file.readAll(expecting: status.size, limit: 64 << 10) : nil
        } catch {
            guard error.number != ENOENT else { return nil }
            throw RegistryError(error, path: path)
        }
        guard let bytes else { throw RegistryError(.corrupt, "\(path): a small file is expected here") }
        guard status.permissions & 0o077 == 0, status.owner == geteuid() else {
            throw RegistryError(
                .exposed,
                "\(path): others may read or write this file; make it yours, and then: chmod 600 \(path)")
        }
        return bytes
    }

    /// Makes a file that nobody else may read, or replaces it: at any moment it has its old or its new content.
    func setSecretFile(_ name: String, _ bytes: [UInt8]) throws(RegistryError) {
        let temporary = name + ".new"
        folder.remove(temporary)
        do throws(SystemError) {
            do {
                let file = try OpenFile(temporary, in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
                try file.writeAll(bytes)
                try file.sync()
            }
            try folder.rename(temporary, to: name)
            try folder.sync()
        } catch {
            folder.remove(temporary)
            throw RegistryError(error, path: path(of: name))
        }
    }

    /// Makes an empty file that nobody else may read, where there is none.
    func makeFile(_ name: String) throws(RegistryError) {
        do throws(SystemError) {
            let file = try OpenFile(name, in: folder, O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            try file.sync()
            try folder.sync()
        } catch {
            guard error.number == EEXIST else { throw RegistryError(error, path: path(of: name)) }
        }
    }
}
