// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import GRDB

// GRDB's own conversions end the process where a column has another type, as in a damaged file.
extension Row {
    /// - Throws: a fault, where the column has no such number.
    func integer(_ column: Int) throws -> Int {
        guard let number = try optionalInteger(column) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return number
    }

    /// `nil` for NULL.
    func optionalInteger(_ column: Int) throws -> Int? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .int64(let number): return Int(number)
        case .null: return nil
        case .double, .string, .blob: throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    func text(_ column: Int) throws -> String {
        guard let text = try optionalText(column) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return text
    }

    /// `nil` for NULL.
    func optionalText(_ column: Int) throws -> String? {
        let value: DatabaseValue = self[column]
        switch value.storage {
        case .string(let text): return text
        case .null: return nil
        case .double, .int64, .blob: throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    func bytes(_ column: Int) throws -> [UInt8] {
        guard let bytes = try withUnsafeData(atIndex: column, { $0.map { Array($0) } }) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
        return bytes
    }

    func workerName(_ column: Int) throws -> WorkerName {
        guard let name = try? WorkerName(try text(column)) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return name
    }
}

extension Database {
    /// All rows that a statement finds: its bounds must be in the statement.
    func rows<T>(_ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> T) throws -> [T] {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        var rows: [T] = []
        while let row = try cursor.next() { rows.append(try body(row)) }
        return rows
    }

    /// The first of these rows.
    func row<T>(_ sql: String, _ arguments: StatementArguments = [], _ body: (Row) throws -> T) throws -> T? {
        let cursor = try Row.fetchCursor(cachedStatement(sql: sql), arguments: arguments)
        return try cursor.next().map(body)
    }

    /// Runs a statement that changes something.
    func change(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
