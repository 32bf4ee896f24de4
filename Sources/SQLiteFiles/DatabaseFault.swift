// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import Glibc
package import HostAPI

/// What went wrong with the file of a database, in the words of SQLite or of the system: what is to be done about it,
/// its owner says.
package struct DatabaseFault: Sendable {
    /// The kind of a fault.
    package enum Kind: Sendable {
        /// The disk is full, or the file as large as it may become.
        case full
        /// Another process holds the file.
        case locked
        /// The file or its folder may not be written.
        case readOnly
        /// The file is damaged, or no database.
        case corrupt
        /// The file cannot be made or opened.
        case unreachable
        /// The connection was closed.
        case closed
        /// Anything else.
        case failed
    }

    /// The kind of fault.
    package let kind: Kind
    /// What is wrong, without the file's name.
    package let words: String

    /// Any error of GRDB, or of whom it calls.
    package init(_ error: any Error) {
        guard let error = error as? DatabaseError else {
            (kind, words) = (.failed, "\(error)")
            return
        }
        let said = error.message ?? "SQLite's error \(error.extendedResultCode.rawValue)"
        switch error.resultCode {
        case .SQLITE_FULL: (kind, words) = (.full, said)
        case .SQLITE_BUSY, .SQLITE_LOCKED: (kind, words) = (.locked, said)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: (kind, words) = (.readOnly, said)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: (kind, words) = (.corrupt, said)
        case .SQLITE_CANTOPEN: (kind, words) = (.unreachable, said)
        case .SQLITE_MISUSE: (kind, words) = (.closed, said)
        default: (kind, words) = (.failed, "\(said) (SQLite's error \(error.extendedResultCode.rawValue))")
        }
    }

    /// What the system says of the file.
    package init(_ error: SystemError) {
        words = "\(error)"
        kind =
            switch error.number {
            case ENOSPC, EDQUOT: .full
            case EROFS, EACCES, EPERM: .readOnly
            default: .unreachable
            }
    }
}
