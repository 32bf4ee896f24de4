// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import HostAPI
internal import SQLiteFiles

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
        guard error.number != ELOOP else {
            self.init(.corrupt, "\(path): \(error); a file is expected here, not a link")
            return
        }
        self.init(DatabaseFault(error), path: path)
    }

    /// What SQLite says, in words of ours.
    init(_ error: any Error, path: String) {
        switch error {
        case let error as RegistryError: self = error
        case DatabaseSchema.Mismatch.foreign:
            self.init(
                .foreign, "\(path): this is the database of another program; name another folder, or move it away")
        case DatabaseSchema.Mismatch.newer(let found):
            self.init(
                .newer,
                "\(path): a later version of this program made this (its version is \(found), known are those up to "
                    + "\(RegistryDatabase.schema.version)); use that program, or another folder")
        default: self.init(DatabaseFault(error), path: path)
        }
    }

    private init(_ fault: DatabaseFault, path: String) {
        let said = "\(path): \(fault.words)"
        switch fault.kind {
        case .full: self.init(.full, "\(said); make room on the disk; nothing was changed")
        case .locked: self.init(.locked, "\(said); another process holds the file: end it")
        case .readOnly: self.init(.readOnly, "\(said); let this user write the folder and the files in it")
        case .corrupt: self.init(.corrupt, "\(said); restore a copy of the folder, or name an empty one")
        case .unreachable: self.init(.unreachable, "\(said); name another folder, or make this one usable")
        case .closed: self.init(.closed, "\(said); the registry was closed")
        case .failed: self.init(.failed, said)
        }
    }
}
