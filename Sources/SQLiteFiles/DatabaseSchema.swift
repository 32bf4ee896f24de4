// SPDX-License-Identifier: Apache-2.0
package import GRDB

/// The tables of a file, and how they came about.
package struct DatabaseSchema: Sendable {
    /// In the header of the file: whose database it is.
    package let application: Int
    /// Each step makes a file of the version before it one of the next. A step is never changed once it was released.
    package let steps: [String]

    /// A schema of these steps.
    package init(application: Int, steps: [String]) {
        self.application = application
        self.steps = steps
    }

    /// The version that the last step makes.
    package var version: Int { steps.count }

    /// Why a file cannot be used.
    package enum Mismatch: Error {
        /// It is the database of another program.
        case foreign
        /// A later version of this program made it.
        case newer(found: Int)
    }

    /// The version of a file, zero where it is empty; nothing is changed.
    /// - Throws: `Mismatch`.
    package func version(of db: Database) throws -> Int {
        func number(_ sql: String) throws -> Int { try db.row(sql) { row in try row.integer(0) } ?? 0 }
        let (owner, found) = (try number("PRAGMA application_id"), try number("PRAGMA user_version"))
        if owner == 0, found == 0, try number("SELECT count(*) FROM sqlite_schema") == 0 { return 0 }
        guard owner == application, found > 0 else { throw Mismatch.foreign }
        guard found <= version else { throw Mismatch.newer(found: found) }
        return found
    }

    /// Makes a file what this version expects.
    /// - Parameter create: what to add in the transaction that makes the first tables.
    package func migrate(_ db: Database, create: (Database) throws -> Void = { _ in }) throws {
        guard try version(of: db) < version else { return }
        try db.inTransaction(.immediate) {
            // Another process may have done it meanwhile.
            let before = try version(of: db)
            for step in steps.dropFirst(before) { try db.execute(sql: step) }
            if before == 0 { try create(db) }
            try db.execute(sql: "PRAGMA application_id = \(application); PRAGMA user_version = \(version)")
            return .commit
        }
    }

    /// What every connection needs: a damaged file is found out early, and its schema runs nothing; where even a rollback
    /// fails, the next transaction begins with another, and GRDB does not end the process.
    package static func prepare(_ configuration: inout Configuration) {
        configuration.allowsUnsafeTransactions = true
        configuration.prepareDatabase { db in
            try db.execute(sql: "PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF")
        }
    }
}
