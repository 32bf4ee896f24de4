// SPDX-License-Identifier: Apache-2.0
internal import Crypto
package import Isolates
internal import Prelude

/// The one startup snapshot of the process, made once for a machine and kept on disk.
package enum BaseSnapshot {
    /// Loads the snapshot, or makes it (about 40 ms) and keeps it. Before the first isolate.
    /// - Parameter flags: V8 flags of the engine; a snapshot serves one set of them.
    package static func load(
        _ engine: Engine, from store: ContentStore?, flags: [String] = []
    ) throws(EngineError) -> Snapshot {
        var digest = SHA256()
        // Seeds are read when an isolate starts, and change nothing in a snapshot.
        for flag in flags where !flag.hasPrefix("--random-seed") { digest.update(data: Array(flag.utf8)) }
        // Functions are baked in by the index of their operation.
        let operations = Prelude.operations.joined(separator: " ")
        digest.update(data: Array("\(Snapshot.recipe)\n\(operations)\n".utf8))
        // Scripts are in it by the places in their text, not by the text.
        let scripts = Prelude.scripts
        for script in scripts + [Prelude.warmUp] {
            digest.update(data: Array("\(script.name) \(script.source.count)\n".utf8) + script.source)
        }
        // Of parts, their names and those of their globals are in it.
        let parts = Prelude.parts
        for part in parts { digest.update(data: Array("\(part.name) \(part.globals)".utf8)) }
        let key = "snapshot-\(Engine.version)-\(digest.finalize().hexadecimal)"
        if let bytes = store?.value(for: key) { return Snapshot(bytes: bytes, scripts: scripts, parts: parts) }
        let snapshot = try Prelude.makeSnapshot(engine)
        store?.store(snapshot.bytes, for: key)
        return snapshot
    }
}

extension SHA256.Digest {
    /// Lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
