// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Registry
import Synchronization

/// A data folder for one test; removed when the test lets go of it.
final class TestFolder: Sendable {
    let path: String

    init() throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        path = parent.appending(path: "rookery-test-\(UUID().uuidString)").path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }

    func make() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) }

    func text(_ name: String) -> String? {
        (try? Data(contentsOf: URL(filePath: path(name)))).map { String(decoding: $0, as: UTF8.self) }
    }

    func write(_ bytes: [UInt8], to name: String, permissions: Int = 0o600) throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path(name))
    }

    func permissions(of name: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path(name))[.posixPermissions] as? Int
    }

    func size(of name: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path(name))[.size] as? Int ?? 0
    }

    func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// Opens the registry, does something, and closes it again.
    @discardableResult func withRegistry<T>(
        _ options: WorkerRegistry.Options = .init(), _ body: (WorkerRegistry) async throws -> T
    ) async throws -> T {
        let folder = try DataFolder(path)
        defer { folder.close() }
        let registry = try WorkerRegistry(folder, options: options)
        let result: T
        do {
            result = try await body(registry)
        } catch {
            try? registry.close()
            throw error
        }
        try registry.close()
        return result
    }
}

extension WorkerRegistry.Options {
    /// The standard ones with a change.
    static func with(_ change: (inout WorkerRegistry.Options) -> Void) -> WorkerRegistry.Options {
        var options = WorkerRegistry.Options()
        change(&options)
        return options
    }
}

/// A clock that stands still until it is set.
final class ManualClock: Sendable {
    private let time: Atomic<Int>

    init(_ time: Int = 1_000_000_000_000) { self.time = Atomic(time) }

    var now: Int {
        get { time.load(ordering: .relaxed) }
        set { time.store(newValue, ordering: .relaxed) }
    }
}

extension WorkerRegistry {
    /// Deploys what passes every check.
    @discardableResult func deploy(
        _ source: String, as name: String, bindings: [String: WorkerBinding] = [:], crons: [String] = []
    ) async throws -> VersionSummary {
        try await deploy(
            WorkerManifest(
                main: "index.js", modules: ["index.js": source], bindings: bindings,
                crons: crons.map { try CronExpression($0) }),
            as: WorkerName(name)
        ) { _, _ in [] }
    }

    /// The source of the version in service, or of another one.
    func source(of name: String, version: Int? = nil) async throws -> String? {
        try await load(WorkerName(name), version: version).manifest.modules["index.js"]
    }
}
