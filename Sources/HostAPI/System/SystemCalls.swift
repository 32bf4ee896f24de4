// SPDX-License-Identifier: Apache-2.0
internal import Glibc

// The system calls about files that the capability of files, and modules and caches, need. Each `unsafe` hands the kernel
// a buffer that lives for the length of the call.

/// An error number of the system.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package let number: Int32

    package init(number: Int32) { self.number = number }

    package static var last: SystemError { SystemError(number: errno) }

    package var description: String {
        guard let text = unsafe strerror(number) else { return "error \(number)" }
        return unsafe String(cString: text)
    }
}

/// What `fstat` says of a file.
package struct FileStatus: Hashable, Sendable {
    package enum Kind { case regular, folder, other }

    package let kind: Kind
    package let size: Int
    package let owner: UInt32
    package let permissions: UInt32
    /// Nanoseconds since 1970.
    package let modified: Int
    package let device: UInt64
    package let inode: UInt64

    init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .regular
            case S_IFDIR: .folder
            default: .other
            }
        size = Int(status.st_size)
        owner = status.st_uid
        permissions = status.st_mode & 0o7777
        modified = status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }
}

/// An open file or folder; closed when this value ends.
package struct OpenFile: ~Copyable, Sendable {
    let descriptor: Int32

    private init(descriptor: Int32) throws(SystemError) {
        guard descriptor >= 0 else { throw .last }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// Opens a path.
    package init(_ path: String, _ flags: Int32, mode: UInt32 = 0o600) throws(SystemError) {
        try self.init(descriptor: unsafe open(path, flags | O_CLOEXEC, mode))
    }

    /// Opens a name inside a folder.
    package init(_ name: String, in folder: borrowing OpenFile, _ flags: Int32, mode: UInt32 = 0o600)
        throws(SystemError)
    {
        try self.init(descriptor: unsafe openat(folder.descriptor, name, flags | O_CLOEXEC, mode))
    }

    /// Opens a relative path such that neither `..` nor a symbolic link leaves the folder. Never waits for a pipe.
    /// ENOSYS where the kernel is older than 5.6; EXDEV for a path that leaves.
    package init(
        beneath folder: borrowing OpenFile, _ path: String, _ flags: Int32 = O_RDONLY, mode: UInt32 = 0,
        followLinks: Bool = true
    ) throws(SystemError) {
        // glibc 2.36 has no wrapper, and Swift imports no variadic function such as `syscall`. Variadic calls are
        // made as other calls are on x86-64 and arm64 Linux.
        typealias OpenAt2 = @convention(c) (Int, Int, UnsafePointer<CChar>, UnsafeRawPointer, Int) -> Int
        guard let symbol = unsafe dlsym(nil, "syscall") else { throw SystemError(number: ENOSYS) }
        let call = unsafe unsafeBitCast(symbol, to: OpenAt2.self)
        // struct open_how: flags, mode, resolve.
        let naming = flags & openForNaming != 0
        let allFlags = UInt64(flags | O_CLOEXEC | (naming ? 0 : O_NONBLOCK | O_NOCTTY))
        let how: [UInt64] = [allFlags, UInt64(mode), 0x08 | 0x02 | (followLinks ? 0 : 0x04)]
        var tries = 0
        while true {
            let result = unsafe call(437, Int(folder.descriptor), path, how, 24)
            // EAGAIN: something was renamed meanwhile, so that the kernel cannot tell.
            if result < 0, errno == EAGAIN || errno == EINTR, tries < 100 {
                tries += 1
                continue
            }
            try self.init(descriptor: Int32(truncatingIfNeeded: result))
            return
        }
    }

    package func status() throws(SystemError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last }
        return FileStatus(status)
    }

    /// Of a file in this folder; of a link itself, not of what it names.
    package func status(of name: String) throws(SystemError) -> FileStatus {
        var status = stat()
        guard unsafe fstatat(descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { throw .last }
        return FileStatus(status)
    }

    /// Reads to the end; nil where there is more than `limit`.
    package func readAll(expecting size: Int, limit: Int) throws(SystemError) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(min(max(size, 0), limit))
        var chunk = [UInt8](repeating: 0, count: min(max(size, 4096), 1 << 20) + 1)
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count == 0 { return bytes }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            guard count <= limit - bytes.count else { return nil }
            bytes += chunk[..<count]
        }
    }

    /// Writes where the file stands; at its end, if it was opened for that.
    package func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                unsafe write(descriptor, buffer.baseAddress, buffer.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Returns when what was written, or the names in a folder, would survive the end of the machine.
    package func sync() throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw .last }
    }

    /// Keeps other processes from locking the file until `unlock`, or the end of this one; `false` where one has it locked.
    package func lock() throws(SystemError) -> Bool {
        guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return true }
        guard errno == EWOULDBLOCK else { throw .last }
        return false
    }

    /// Lets others lock it at once: a child that was forked and has yet to begin its program would keep the lock of a
    /// file that is only closed.
    package func unlock() { _ = flock(descriptor, LOCK_UN) }

    /// Marks the file as used now.
    package func touch() { _ = futimens(descriptor, nil) }

    package func rename(_ name: String, to newName: String) throws(SystemError) {
        guard unsafe renameat(descriptor, name, descriptor, newName) == 0 else { throw .last }
    }

    package func remove(_ name: String) { _ = unsafe unlinkat(descriptor, name, 0) }

    /// The names in this folder, hidden ones too.
    package func names() throws(SystemError) -> [String] {
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .last }
        guard let stream = unsafe fdopendir(copy) else {
            let error = SystemError.last
            _ = close(copy)
            throw error
        }
        defer { _ = unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { field in
                unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

/// O_PATH: the file is only named, not opened for reading. The C header hides it from Swift.
package let openForNaming: Int32 = 0o10000000

/// System calls on paths.
package enum SystemPath {
    /// The path without symbolic links and dots.
    package static func real(_ path: String) throws(SystemError) -> String {
        guard let resolved = unsafe realpath(path, nil) else { throw .last }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }

    /// Makes one folder that only its owner may enter.
    package static func makeFolder(_ path: String) throws(SystemError) {
        guard unsafe mkdir(path, 0o700) == 0 else { throw .last }
    }

    package static func removeFolder(_ path: String) { _ = unsafe rmdir(path) }

    package static func isExecutableFile(_ path: String) -> Bool {
        guard unsafe access(path, X_OK) == 0, let file = try? OpenFile(path, openForNaming) else { return false }
        return (try? file.status())?.kind == .regular
    }

    package static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
