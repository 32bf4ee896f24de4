// SPDX-License-Identifier: Apache-2.0
internal import Crypto
internal import Glibc
internal import HostAPI
internal import Synchronization

/// A folder of blobs by key that may be lost at any time: a cache that outlives the process.
///
/// Safe between threads and processes. An entry that is torn, altered or of another key is as good as absent.
package final class ContentStore: Sendable {
    private static let magic = Array("RKSTORE1".utf8)
    private static let headerSize = 8 + 32
    private static let temporaryPrefix = ".new-"

    private let folder: OpenFile
    private let capacity: Int
    /// The bytes in the folder as far as this process knows; nil before they were counted.
    private let size = Mutex<Int?>(nil)

    /// Makes the folder, and those above it, where they are missing; only the owner may enter.
    ///
    /// Nil where it cannot be used, belongs to another user, or can be written by others: code comes from it.
    package init?(folder path: String, capacity: Int = 256 << 20) {
        Self.makeFolders(path)
        guard let folder = try? OpenFile(path, O_RDONLY | O_DIRECTORY), let status = try? folder.status(),
            status.kind == .folder, status.owner == geteuid(), status.permissions & 0o022 == 0
        else { return nil }
        self.folder = folder
        self.capacity = max(0, capacity)
    }

    /// The blob of a key, which then counts as just used.
    package func value(for key: String) -> [UInt8]? {
        guard let file = try? OpenFile(Self.name(of: key), in: folder, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
            let status = try? file.status(), status.kind == .regular, status.size >= Self.headerSize,
            status.size <= capacity,
            let bytes = try? file.readAll(expecting: status.size, limit: capacity),
            bytes.count >= Self.headerSize
        else { return nil }
        let content = bytes[Self.headerSize...]
        guard bytes.starts(with: Self.header(of: content, key)) else { return nil }
        file.touch()
        return Array(content)
    }

    /// Keeps a blob under a key if that is possible; nothing is lost but time where it is not.
    package func store(_ value: [UInt8], for key: String) {
        let bytes = Self.header(of: value[...], key) + value
        guard bytes.count <= capacity else { return }
        let temporary = Self.temporaryPrefix + String(UInt64.random(in: .min ... .max), radix: 36)
        do {
            let file = try OpenFile(temporary, in: folder, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW)
            try file.writeAll(bytes)
            try folder.rename(temporary, to: Self.name(of: key))
        } catch {
            folder.remove(temporary)
            return
        }
        size.withLock { size in
            // An entry that replaces another is counted twice until the next count: early, never late.
            let now = size.map { $0 + bytes.count } ?? count(removing: false)
            size = now > capacity ? count(removing: true) : now
        }
    }

    // MARK: - Size

    /// Counts the folder's bytes; where they are too many, removes the entries that were not used longest, down to
    /// nine tenths of the capacity. Files that a killed process left half written go after an hour.
    private func count(removing: Bool) -> Int {
        var entries: [(name: String, size: Int, used: Int)] = []
        var total = 0
        let hourAgo = time(nil) &* 1_000_000_000 &- 3_600_000_000_000
        for name in (try? folder.names()) ?? [] {
            guard let status = try? folder.status(of: name), status.kind == .regular else { continue }
            if name.utf8.starts(with: Self.temporaryPrefix.utf8) {
                if status.modified < hourAgo { folder.remove(name) }
            } else if Self.isEntry(name) {
                entries.append((name, status.size, status.modified))
                total += status.size
            }
        }
        guard removing, total > capacity else { return total }
        for entry in entries.sorted(by: { $0.used < $1.used }) where total > capacity / 10 * 9 {
            folder.remove(entry.name)
            total -= entry.size
        }
        return total
    }

    // MARK: - Entries

    /// The magic and a digest of key and content, so that no entry can stand for another.
    private static func header(of content: ArraySlice<UInt8>, _ key: String) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: Array("\(key.utf8.count):\(key)".utf8))
        hash.update(data: content)
        return magic + Array(hash.finalize())
    }

    private static func name(of key: String) -> String { HexDigest.of([Array(key.utf8)]) }

    private static func isEntry(_ name: String) -> Bool {
        name.utf8.count == 64 && name.utf8.allSatisfy { PercentCoding.value(ofHex: $0) != nil }
    }

    private static func makeFolders(_ path: String) {
        guard !path.isEmpty, (try? OpenFile(path, openForNaming)) == nil else { return }
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) { makeFolders(String(path[..<slash])) }
        try? SystemPath.makeFolder(path)
    }
}

/// SHA-256 in hexadecimal digits.
enum HexDigest {
    /// Of several texts; where one ends and the next begins counts.
    static func of(_ parts: [[UInt8]]) -> String {
        var hash = SHA256()
        for part in parts {
            hash.update(data: Array("\(part.count):".utf8))
            hash.update(data: part)
        }
        return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
