// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import SQLiteFiles

extension Row {
    /// - Throws: a fault, where the column has no such name.
    func workerName(_ column: Int) throws -> WorkerName {
        guard let name = try? WorkerName(try text(column)) else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return name
    }
}
