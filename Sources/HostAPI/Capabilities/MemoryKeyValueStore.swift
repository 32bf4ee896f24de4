// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Values in memory, for tests and for embedders that need nothing to last. Answers at once, on the caller's thread.
public final class MemoryKeyValueStore: KeyValueStore {
    /// The bytes of a key. Swift's `==` of strings takes some different keys for the same.
    private struct Key: Hashable, Comparable {
        let bytes: [UInt8]
        init(_ text: String) { bytes = Array(text.utf8) }
        var text: String { String(decoding: bytes, as: UTF8.self) }
        static func < (left: Key, right: Key) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
    }

    private struct Namespace {
        var entries: [Key: KeyValueEntry] = [:]
        /// The same keys in order.
        var order: [Key] = []
        var bytes = 0
        /// No version is given twice, even to a key that was removed and set again.
        var lastVersion = 0

        /// The place of the first key that is not before this one.
        func place(of key: Key) -> Int {
            var range = 0..<order.count
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                range = order[middle] < key ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
            }
            return range.lowerBound
        }

        mutating func remove(_ key: Key) {
            guard let old = entries.removeValue(forKey: key) else { return }
            bytes -= MemoryKeyValueStore.size(of: old.value, key)
            order.remove(at: place(of: key))
        }

        mutating func insert(_ value: KeyValueEntry.Value, for key: Key) -> Int {
            lastVersion += 1
            bytes += MemoryKeyValueStore.size(of: value, key)
            order.insert(key, at: place(of: key))
            entries[key] = KeyValueEntry(value, version: lastVersion)
            return lastVersion
        }
    }

    private let namespaces = Mutex<[String: Namespace]>([:])
    private let now: @Sendable () -> Double

    /// An empty store, with a clock that tells milliseconds since 1970.
    public init(now: @escaping @Sendable () -> Double = WallClock.systemTime) { self.now = now }

    private static func size(of value: KeyValueEntry.Value, _ key: Key) -> Int {
        key.bytes.count + value.size
    }

    /// See `KeyValueStore`.
    public func get(
        _ key: String, in namespace: String, _ answer: @escaping @Sendable (Result<KeyValueEntry?, HostError>) -> Void
    ) {
        let entry = namespaces.withLock { $0[namespace]?.entries[Key(key)] }
        answer(.success(entry.flatMap { $0.value.isOver(at: now()) ? nil : $0 }))
    }

    /// See `KeyValueStore`.
    public func set(
        _ value: KeyValueEntry.Value, for key: String, in namespace: String, if condition: KeyValueCondition,
        quota: KeyValueQuota, _ answer: @escaping @Sendable (Result<Int, HostError>) -> Void
    ) {
        let key = Key(key)
        answer(
            change(namespace, key, condition) { state, old throws(HostError) in
                let bytes = state.bytes - (old.map { Self.size(of: $0.value, key) } ?? 0) + Self.size(of: value, key)
                let keys = state.entries.count + (old == nil ? 1 : 0)
                try quota.require(bytes: bytes, insteadOf: state.bytes, keys: keys, addsKey: old == nil)
                state.remove(key)
                return state.insert(value, for: key)
            })
    }

    /// See `KeyValueStore`.
    public func delete(
        _ key: String, in namespace: String, if condition: KeyValueCondition,
        _ answer: @escaping @Sendable (Result<Bool, HostError>) -> Void
    ) {
        let key = Key(key)
        answer(
            change(namespace, key, condition) { state, old throws(HostError) in
                state.remove(key)
                return old != nil
            })
    }

    /// See `KeyValueStore`.
    public func list(
        _ prefix: String, after key: String?, limit: Int, in namespace: String,
        _ answer: @escaping @Sendable (Result<KeyValuePage, HostError>) -> Void
    ) {
        let prefix = Key(prefix)
        let time = now()
        let page = namespaces.withLock { namespaces -> KeyValuePage in
            guard let state = namespaces[namespace] else { return KeyValuePage(keys: [], isComplete: true) }
            var page = KeyValuePage(keys: [], isComplete: true)
            let after = key.map { Key($0) }
            for key in state.order[state.place(of: max(after ?? prefix, prefix))...] where key != after {
                guard key.bytes.starts(with: prefix.bytes) else { break }
                guard let entry = state.entries[key], !entry.value.isOver(at: time) else { continue }
                guard limit > page.keys.count else {
                    page.isComplete = false
                    break
                }
                page.keys.append(
                    .init(
                        name: key.text, metadata: entry.value.metadata, expiration: entry.value.expiration,
                        version: entry.version))
            }
            return page
        }
        answer(.success(page))
    }

    private func change<T>(
        _ namespace: String, _ key: Key, _ condition: KeyValueCondition,
        _ body: (inout Namespace, KeyValueEntry?) throws(HostError) -> T
    ) -> Result<T, HostError> {
        let time = now()
        return namespaces.withLock { namespaces in
            // An expired value goes now, so that it counts for nothing.
            if let old = namespaces[namespace]?.entries[key], old.value.isOver(at: time) {
                namespaces[namespace]?.remove(key)
            }
            let old = namespaces[namespace]?.entries[key]
            do throws(HostError) {
                try condition.require(old?.version, of: key.text)
                return .success(try body(&namespaces[namespace, default: Namespace()], old))
            } catch {
                return .failure(error)
            }
        }
    }
}
