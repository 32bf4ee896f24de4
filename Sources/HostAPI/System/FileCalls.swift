// SPDX-License-Identifier: Apache-2.0
internal import Glibc

// What the capability of files does beside opening and reading.

extension OpenFile {
    /// Reads up to `count` bytes from a position; fewer only at the end of the file.
    func readPart(at position: Int, atMost count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let result = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, position + filled)
            }
            if result == 0 { break }
            if result < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            filled += result
        }
        bytes.removeLast(count - filled)
        return bytes
    }

    /// Writes all bytes from a position on.
    func writePart(_ bytes: [UInt8], at position: Int) throws(SystemError) {
        var written = 0
        while written < bytes.count {
            let result = unsafe bytes.withUnsafeBytes { buffer in
                unsafe pwrite(
                    descriptor, buffer.baseAddress.map { unsafe $0 + written }, buffer.count - written,
                    position + written)
            }
            if result < 0 {
                if errno == EINTR { continue }
                throw .last
            }
            written += result
        }
    }

    /// Sets who may read, write and run the file: the nine bits, and no others.
    func setPermissions(_ permissions: UInt32) throws(SystemError) {
        guard fchmod(descriptor, permissions & 0o777) == 0 else { throw .last }
    }

    /// Makes a folder in this one.
    func makeFolder(_ name: String) throws(SystemError) {
        guard unsafe mkdirat(descriptor, name, 0o777) == 0 else { throw .last }
    }

    /// Removes a file, or an empty folder, from this folder.
    func remove(_ name: String, isFolder: Bool) throws(SystemError) {
        guard unsafe unlinkat(descriptor, name, isFolder ? AT_REMOVEDIR : 0) == 0 else { throw .last }
    }

    /// Moves what has a name in this folder into another one, in the place of what has the new name there.
    func rename(_ name: String, to folder: borrowing OpenFile, _ newName: String) throws(SystemError) {
        guard unsafe renameat(descriptor, name, folder.descriptor, newName) == 0 else { throw .last }
    }

    /// Gives a file of this folder a second name in it, which nothing may have yet.
    func link(_ name: String, as newName: String) throws(SystemError) {
        guard unsafe linkat(descriptor, name, descriptor, newName, 0) == 0 else { throw .last }
    }

    /// The kind of each name in this folder, hidden ones too; of links themselves. `nil` where there are more than
    /// `most`.
    func entries(most: Int) throws(SystemError) -> [(name: String, kind: EntryKind)]? {
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw .last }
        guard let stream = unsafe fdopendir(copy) else {
            let error = SystemError.last
            _ = close(copy)
            throw error
        }
        defer { _ = unsafe closedir(stream) }
        var entries: [(name: String, kind: EntryKind)] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { field in
                unsafe String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name == "." || name == ".." { continue }
            guard entries.count < most else { return nil }
            let kind: EntryKind =
                switch Int(unsafe entry.pointee.d_type) {
                case Int(DT_REG): .file
                case Int(DT_DIR): .folder
                case Int(DT_LNK): .link
                case Int(DT_UNKNOWN): EntryKind(try? status(of: name))
                default: .other
                }
            entries.append((name, kind))
        }
        return entries
    }
}

/// What a name in a folder is of.
enum EntryKind: String, Codable, Sendable {
    case file
    case folder
    case link
    case other

    init(_ status: FileStatus?) {
        self =
            switch status?.kind {
            case .regular: .file
            case .folder: .folder
            case .other, nil: .other
            }
    }
}
