// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc
internal import HostAPI

/// What is wrong with the file of a `DatabaseKeyValueStore`: for the operator, whose file it is.
public struct DatabaseStoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a fault.
    public enum Kind: String, Sendable, CaseIterable {
        /// The file cannot be made or opened: its folder is not there, or may not be entered.
        case unreachable
        /// The file or its folder may not be written.
        case readOnly
        /// The disk is full, or the file is as large as it may become.
        case full
        /// Another process held the file for longer than the store waits.
        case locked
        /// The file is damaged, or no database.
        case corrupt
        /// A later version of this program made the file.
        case newer
        /// The database of another program.
        case foreign
        /// Anything else.
        case failed
    }

    /// The kind of fault.
    public let kind: Kind
    /// What is wrong and what to do. Names the file.
    public let description: String

    init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }

    /// What a call fails with while this is so. Scripts see it: it names no file.
    var hostError: HostError {
        switch kind {
        case .full: HostError(.unavailable, "the host has no room left for values; nothing was changed")
        case .readOnly: HostError(.unavailable, "the host's store of values is read-only at present")
        case .locked: HostError(.unavailable, "the host's store of values is busy; try again")
        case .corrupt: HostError(.failed, "the host's store of values is damaged; its operator must restore it")
        case .unreachable, .newer, .foreign, .failed: HostError(.failed, "the host's store of values failed")
        }
    }

    /// Whether it may be the fault of one write among those that share a transaction.
    var mayConcernOneWrite: Bool {
        switch kind {
        case .full, .corrupt, .failed: true
        case .unreachable, .readOnly, .locked, .newer, .foreign: false
        }
    }
}

extension DatabaseStoreError {
    /// What SQLite says, in words of ours.
    init(_ error: any Error, path: String) {
        if let error = error as? DatabaseStoreError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.failed, "\(path): \(error)")
            return
        }
        let said = error.message ?? "SQLite's error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL:
            self.init(.full, "\(path): \(said); make room on the disk, or let the file become larger")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(.locked, "\(path): \(said); another process holds the file: end it, or wait for it")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH:
            self.init(.readOnly, "\(path): \(said); let this user write the file and its folder")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT:
            self.init(.corrupt, "\(path): \(said); move the file away, with its -wal, or restore a copy")
        case .SQLITE_CANTOPEN:
            self.init(.unreachable, "\(path): \(said); see whether the folder is there and may be written")
        default:
            self.init(.failed, "\(path): \(said) (SQLite's error \(error.extendedResultCode.rawValue))")
        }
    }

    init(_ error: SystemError, path: String) {
        switch error.number {
        case ENOSPC, EDQUOT:
            self.init(.full, "\(path): \(error); make room on the disk")
        case EROFS, EACCES, EPERM:
            self.init(.readOnly, "\(path): \(error); let this user write the file and its folder")
        default: self.init(.unreachable, "\(path): \(error); see whether the folder is there and may be written")
        }
    }
}
