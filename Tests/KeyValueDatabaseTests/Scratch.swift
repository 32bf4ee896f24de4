// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import KeyValueDatabase
import Synchronization

/// A folder with a store in it; removed when the test lets go of it.
final class Scratch: Sendable {
    let folder: String
    let clock = Clock()
    let faults = Faults()
    var path: String { folder + "/values.db" }

    init() throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let folder = parent.appending(path: "rookery-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        self.folder = folder.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func open(
        _ change: (inout DatabaseKeyValueStore.Options) -> Void = { _ in }
    ) throws(DatabaseStoreError) -> DatabaseKeyValueStore {
        var options = DatabaseKeyValueStore.Options()
        options.sweepInterval = nil
        options.lockTimeout = .zero
        change(&options)
        return try DatabaseKeyValueStore(
            path: path, options: options, now: { [clock] in clock.now }, onFault: { [faults] in faults.add($0) })
    }

    func size(_ suffix: String = "") -> Int {
        (try? FileManager.default.attributesOfItem(atPath: path + suffix)[.size] as? Int) ?? 0
    }
}

/// A clock that stands until it is set.
final class Clock: Sendable {
    private let time = Mutex(1_000_000.0)
    var now: Double { time.withLock { $0 } }
    func advance(_ milliseconds: Double) { time.withLock { $0 += milliseconds } }
}

/// What a store's operator hears.
final class Faults: Sendable {
    private let list = Mutex<[DatabaseStoreError]>([])
    var kinds: Set<DatabaseStoreError.Kind> { Set(list.withLock { $0 }.map(\.kind)) }
    func add(_ fault: DatabaseStoreError) { list.withLock { $0.append(fault) } }
}

extension KeyValueStore {
    /// The code of the error that a change ends in; nil if it is made.
    func failure(
        setting value: KeyValueEntry.Value, for key: String, in namespace: String = "n",
        if condition: KeyValueCondition = .always, quota: KeyValueQuota = KeyValueQuota()
    ) async -> HostError.Code? {
        do throws(HostError) {
            try await set(value, for: key, in: namespace, if: condition, quota: quota)
            return nil
        } catch {
            return error.code
        }
    }

    func text(_ key: String, in namespace: String = "n") async throws -> String? {
        try await get(key, in: namespace).map { String(decoding: $0.value.bytes, as: UTF8.self) }
    }
}

extension KeyValueEntry.Value {
    static func text(_ text: String, expiration: Double? = nil) -> KeyValueEntry.Value {
        KeyValueEntry.Value(Array(text.utf8), expiration: expiration)
    }
}
