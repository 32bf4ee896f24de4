// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import SQLiteFiles

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
        switch error {
        case let error as DatabaseStoreError: self = error
        case DatabaseSchema.Mismatch.foreign:
            self.init(
                .foreign, "\(path): this is the database of another program; name another file, or move it away")
        case DatabaseSchema.Mismatch.newer(let found):
            self.init(
                .newer,
                "\(path): a later version of this program made the file (its version is \(found), known are those up "
                    + "to \(DatabaseFile.schema.version)); use that program, or another file")
        default: self.init(DatabaseFault(error), path: path)
        }
    }

    init(_ error: SystemError, path: String) { self.init(DatabaseFault(error), path: path) }

    private init(_ fault: DatabaseFault, path: String) {
        let said = "\(path): \(fault.words)"
        switch fault.kind {
        case .full: self.init(.full, "\(said); make room on the disk, or let the file become larger")
        case .locked: self.init(.locked, "\(said); another process holds the file: end it, or wait for it")
        case .readOnly: self.init(.readOnly, "\(said); let this user write the file and its folder")
        case .corrupt: self.init(.corrupt, "\(said); move the file away, with its -wal, or restore a copy")
        case .unreachable:
            self.init(.unreachable, "\(said); see whether the folder is there and may be written")
        case .closed, .failed: self.init(.failed, said)
        }
    }
}
