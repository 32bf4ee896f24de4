// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB

// GRDB's own conversions end the process where a column has another type, as in a damaged file.
extension Row {
    /// - Throws: a fault, where the column has no such number.
    func integer(_ column: Int) throws -> Int {
        let value: DatabaseValue = self[column]
        guard case .int64(let number) = value.storage else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return Int(number)
    }

    func number(_ column: Int) -> Double? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .double(let number): return number
        case .int64(let number): return Double(number)
        case .null, .string, .blob: return nil
        }
    }

    /// A copy of the bytes; `nil` for NULL.
    func bytes(_ column: Int) throws -> [UInt8]? { try withUnsafeData(atIndex: column) { $0.map { Array($0) } } }
}

extension Database {
    /// Gives the rows that a statement finds to the body, one after another, until it returns false. A row is gone
    /// when the body returns.
    func forEachRow(_ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> Bool) throws {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        // A cursor that goes takes its row with it.
        try withExtendedLifetime(rows) {
            while let row = try rows.next(), try body(row) {}
        }
    }

    /// What the body makes of the first row, if there is one.
    func firstRow<T>(_ sql: String, _ arguments: StatementArguments, _ body: (Row) throws -> T?) throws -> T? {
        var found: T?
        try forEachRow(sql, arguments) { row in
            found = try body(row)
            return false
        }
        return found
    }

    /// Runs a statement that changes something.
    func change(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// Runs the body in one transaction, after one that could not be rolled back.
    func transaction(_ kind: TransactionKind, _ body: () throws -> Void) throws {
        if isInsideTransaction { try rollback() }
        try inTransaction(kind) {
            try body()
            return .commit
        }
    }
}
