// SPDX-License-Identifier: Apache-2.0
internal import Crypto
package import Isolates
internal import Synchronization

/// V8's code caches by URL and content: in memory, and on disk where a folder is given.
package final class CodeCaches: Sendable {
    private let engineTag: String
    private let disk: ContentStore?
    private let memory: Mutex<Memory>

    /// Below this, compiling is as fast as looking.
    private static let leastSource = 1024

    /// Above this, reading back costs more memory than isolates have.
    private static let mostCache = 32 << 20

    private struct Memory {
        var caches: [String: CodeCache] = [:]
        var size = 0
        let capacity: Int
    }

    /// Keeps up to `capacity` bytes in memory.
    package init(_ engine: Engine, disk: ContentStore?, capacity: Int = 64 << 20) {
        engineTag = engine.cacheTag
        self.disk = disk
        memory = Mutex(Memory(capacity: capacity))
    }

    /// What a module's cache is kept by; `nil` for sources too small to gain.
    ///
    /// The URL is part of it: V8 bakes it into the code, and would name the old one in stacks and as the
    /// referrer of `import()`.
    package func key(for source: [UInt8], url: String) -> String? {
        guard source.count >= Self.leastSource else { return nil }
        var digest = SHA256()
        digest.update(data: Array("\(url.utf8.count) \(url)".utf8))
        digest.update(data: source)
        return "code-\(engineTag)-\(digest.finalize().hexadecimal)"
    }

    package func cache(for key: String) -> CodeCache? {
        if let cache = memory.withLock({ $0.caches[key] }) { return cache }
        guard let bytes = disk?.value(for: key) else { return nil }
        let cache = CodeCache(bytes: bytes)
        remember(cache, for: key)
        return cache
    }

    package func store(_ cache: CodeCache, for key: String) {
        guard cache.bytes.count <= Self.mostCache else { return }
        remember(cache, for: key)
        disk?.store(cache.bytes, for: key)
    }

    private func remember(_ cache: CodeCache, for key: String) {
        memory.withLock { memory in
            // Start anew rather than keep an order: what is used comes back at once.
            if memory.size + cache.bytes.count > memory.capacity { memory = Memory(capacity: memory.capacity) }
            guard cache.bytes.count <= memory.capacity, memory.caches[key] == nil else { return }
            memory.caches[key] = cache
            memory.size += cache.bytes.count
        }
    }
}
