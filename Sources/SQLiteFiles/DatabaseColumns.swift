// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
package import GRDB

// GRDB's own conversions end the process where a column has another type, as in a damaged file.
extension Row {
    /// - Throws: a fault, where the column has no such number.
    package func integer(_ column: Int) throws -> Int { try Self.required(optionalInteger(column)) }

    /// `nil` for NULL.
    package func optionalInteger(_ column: Int) throws -> Int? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .int64(let number): return Int(number)
        case .null: return nil
        case .double, .string, .blob: throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    /// `nil` for what is no number.
    package func number(_ column: Int) -> Double? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .double(let number): return number
        case .int64(let number): return Double(number)
        case .null, .string, .blob: return nil
        }
    }

    /// - Throws: a fault, where the column has no text.
    package func text(_ column: Int) throws -> String { try Self.required(optionalText(column)) }

    /// `nil` for NULL.
    package func optionalText(_ column: Int) throws -> String? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .string(let text): return text
        case .null: return nil
        case .double, .int64, .blob: throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    /// A copy of the bytes.
    /// - Throws: a fault for NULL.
    package func bytes(_ column: Int) throws -> [UInt8] { try Self.required(optionalBytes(column)) }

    /// A copy of the bytes; `nil` for NULL.
    package func optionalBytes(_ column: Int) throws -> [UInt8]? {
        try withUnsafeData(atIndex: column) { $0.map { Array($0) } }
    }

    private static func required<T>(_ value: T?) throws -> T {
        guard let value else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return value
    }
}

extension Database {
    /// Gives the rows that a statement finds to the body, one after another, until it returns false. A row is gone
    /// when the body returns.
    package func forEachRow(
        _ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> Bool
    ) throws {
        let rows = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        // A cursor that goes takes its row with it.
        try withExtendedLifetime(rows) {
            while let row = try rows.next(), try body(row) {}
        }
    }

    /// All rows that a statement finds: its bounds must be in the statement.
    package func rows<T>(_ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> T) throws -> [T] {
        var rows: [T] = []
        try forEachRow(sql, arguments) { row in
            rows.append(try body(row))
            return true
        }
        return rows
    }

    /// What the body makes of the first of these rows.
    package func row<T>(_ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> T) throws -> T? {
        var found: T?
        try forEachRow(sql, arguments) { row in
            found = try body(row)
            return false
        }
        return found
    }

    /// Runs a statement that changes something.
    package func change(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    /// Runs the body in one transaction, after one that could not be rolled back.
    package func transaction(_ kind: TransactionKind, _ body: () throws -> Void) throws {
        if isInsideTransaction { try rollback() }
        try inTransaction(kind) {
            try body()
            return .commit
        }
    }
}
