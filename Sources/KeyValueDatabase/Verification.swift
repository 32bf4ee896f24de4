// SPDX-License-Identifier: Apache-2.0
internal import GRDB
internal import HostAPI
internal import SQLiteFiles

extension DatabaseKeyValueStore {
    /// Reads the whole file and answers what is wrong with it, at most 100 findings; none if it is as it should be.
    /// Changes wait meanwhile.
    public func verify(_ answer: @escaping @Sendable (Result<[String], DatabaseStoreError>) -> Void) {
        let path = path
        writer.asyncWriteWithoutTransaction { db in
            do {
                var findings = try String.fetchAll(db, sql: "PRAGMA integrity_check(100)").filter { $0 != "ok" }
                // In one statement, so that both sides are of one moment.
                try db.forEachRow(
                    """
                    SELECT n.name, n.keys, count(e.id), n.bytes,
                      ifnull(sum(length(e.key) + length(e.value) + ifnull(length(e.metadata), 0)), 0),
                      n.last_version, ifnull(max(e.version), 0)
                    FROM namespaces n LEFT JOIN entries e ON e.namespace = n.id GROUP BY n.id
                    """, []
                ) { row in
                    let name = HostError.quote(String(decoding: try row.bytes(0), as: UTF8.self))
                    for (what, counted, found) in [("keys", 1, 2), ("bytes", 3, 4)] {
                        let (counted, found) = (try row.integer(counted), try row.integer(found))
                        if counted != found {
                            findings.append("\(name) has \(found) \(what), but \(counted) are counted")
                        }
                    }
                    if try row.integer(6) > row.integer(5) {
                        findings.append("\(name) has a version above the last that was given")
                    }
                    return findings.count < 100
                }
                answer(.success(findings))
            } catch {
                // Where it cannot even be read, that is what is wrong.
                let fault = DatabaseStoreError(error, path: path)
                answer(fault.kind == .corrupt ? .success([fault.description]) : .failure(fault))
            }
        }
    }

    /// Reads the whole file and returns what is wrong with it, at most 100 findings; none if it is as it should be.
    public func verify() async throws(DatabaseStoreError) -> [String] {
        try await withCheckedContinuation { continuation in verify { continuation.resume(returning: $0) } }.get()
    }
}
