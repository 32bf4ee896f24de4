// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc
internal import HostAPI

/// What is wrong with the data folder, or what was asked of it.
public struct RegistryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// There is no worker of this name.
        case unknownWorker
        /// The worker has no such version, or no longer.
        case unknownVersion
        /// So many changes wait that no other is taken.
        case busy
        /// The registry was closed.
        case closed
        /// The folder cannot be made or entered.
        case unreachable
        /// The folder or a file in it may not be written.
        case readOnly
        /// The disk is full, or the database as large as it may become.
        case full
        /// Another process uses the folder.
        case locked
        /// A file is damaged, or not what its name says.
        case corrupt
        /// A later version of this program made the database.
        case newer
        /// The database of another program.
        case foreign
        /// Others may read a file that is to be secret.
        case exposed
        /// The key of the secrets is missing, or another one.
        case wrongKey
        /// Anything else.
        case failed
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong and what to do.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    static func unknown(_ worker: WorkerName) -> RegistryError {
        RegistryError(.unknownWorker, "there is no worker \"\(worker)\"")
    }

    static func unknown(_ version: Int, of worker: WorkerName) -> RegistryError {
        RegistryError(.unknownVersion, "there is no version \(version) of the worker \"\(worker)\", or no longer")
    }

    /// What the system says of a file.
    init(_ error: SystemError, path: String) {
        switch error.number {
        case ENOSPC, EDQUOT: self.init(.full, "\(path): \(error); make room on the disk")
        case EROFS, EACCES, EPERM:
            self.init(.readOnly, "\(path): \(error); let this user write the folder and the files in it")
        case ELOOP: self.init(.corrupt, "\(path): \(error); a file is expected here, not a link")
        default: self.init(.unreachable, "\(path): \(error); name another folder, or make this one usable")
        }
    }

    /// What SQLite says, in words of ours.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as RegistryError: self = error
        case let error as DatabaseError: self.init(error, path: path)
        default: self.init(.failed, "\(path): \(error)")
        }
    }

    private init(_ error: DatabaseError, path: String) {
        let said = error.message ?? "SQLite's error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: self.init(.full, "\(path): \(said); make room on the disk; nothing was changed")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "\(path): \(said); another process holds the file: end it")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.readOnly, "\(path): \(said); let this user write the folder and the files in it")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            self.init(.corrupt, "\(path): \(said); restore a copy of the folder, or name an empty one")
        case .SQLITE_CANTOPEN: self.init(.unreachable, "\(path): \(said); see whether the folder may be written")
        case .SQLITE_MISUSE: self.init(.closed, "\(path): \(said); the registry was closed")
        default: self.init(.failed, "\(path): \(said) (SQLite's error \(error.extendedResultCode.rawValue))")
        }
    }
}
