// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import Glibc
import Testing

@testable import Registry

@Suite("Data folders") struct DataFolderTests {
    private func fault(_ path: String) -> RegistryError? {
        #expect(throws: RegistryError.self) { _ = try WorkerRegistry(DataFolder(path)) }
    }

    /// Opens the database without the registry.
    private func withDatabase<T>(_ folder: TestFolder, _ body: (Database) throws -> T) throws -> T {
        let queue = try DatabaseQueue(path: folder.path("registry.sqlite"))
        defer { try? queue.close() }
        return try queue.inDatabase(body)
    }

    @Test("A folder that is not there is made for its owner alone; its parent is not")
    func made() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { _ in }
        #expect(try FileManager.default.attributesOfItem(atPath: folder.path)[.posixPermissions] as? Int == 0o700)
        #expect(fault(folder.path("a/b"))?.kind == .unreachable)
        #expect(fault(folder.path("registry.sqlite"))?.kind == .unreachable)
        #expect(fault("")?.kind == .unreachable)
    }

    @Test("A second registry of the same folder is refused while the first one is there")
    func locked() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await registry.deploy("v1", as: "one")
            let error = fault(folder.path)
            #expect(error?.kind == .locked)
            #expect(error?.description.contains(folder.path) == true)
            #expect(try await CrasherProgram.open(folder.path, asNobody: false) == "locked")
            #expect(try await registry.source(of: "one") == "v1")
        }
        #expect(try await CrasherProgram.open(folder.path, asNobody: false) == "open")
    }

    @Test("A database of a later version is refused and not changed")
    func newer() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { try await $0.deploy("v1", as: "one") }
        try withDatabase(folder) { db in try db.execute(sql: "PRAGMA user_version = 1000") }
        let error = fault(folder.path)
        #expect(error?.kind == .newer)
        #expect(error?.description.contains("1000") == true)
        let version = try withDatabase(folder) { db in try Int.fetchOne(db, sql: "PRAGMA user_version") }
        #expect(version == 1000)
    }

    @Test("The database of another program is refused and not changed")
    func foreign() throws {
        let folder = try TestFolder()
        try folder.make()
        try withDatabase(folder) { db in try db.execute(sql: "CREATE TABLE songs (name TEXT)") }
        #expect(fault(folder.path)?.kind == .foreign)
        let (tables, mode) = try withDatabase(folder) { db in
            (
                try String.fetchAll(db, sql: "SELECT name FROM sqlite_schema"),
                try String.fetchOne(db, sql: "PRAGMA journal_mode")
            )
        }
        #expect(tables == ["songs"] && mode == "delete")
    }

    @Test("A file that is no database, or is cut short, is an error and not the end of the process")
    func corrupt() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            for index in 0..<40 {
                try await registry.deploy(String(repeating: "\(index)", count: 4000), as: "w\(index)")
            }
        }
        let whole = Array(try Data(contentsOf: URL(filePath: folder.path("registry.sqlite"))))
        try folder.write(Array(repeating: 0x41, count: 100_000), to: "registry.sqlite")
        #expect(fault(folder.path)?.kind == .corrupt)
        try folder.write(Array(whole.prefix(5000)), to: "registry.sqlite")
        #expect(fault(folder.path)?.kind == .corrupt)
        try folder.write(whole, to: "registry.sqlite")
        let found = try await folder.withRegistry { try await $0.list().workers.count }
        #expect(found == 40)
    }

    @Test("Whatever bytes of the database are damaged, nothing ends the process and errors have their type")
    func damaged() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            for index in 0..<10 {
                try await registry.deploy(
                    String(repeating: "\(index)", count: 3000), as: "w\(index)",
                    bindings: ["S": .secret(SecretValue("s"))], crons: ["@daily"])
            }
        }
        let whole = Array(try Data(contentsOf: URL(filePath: folder.path("registry.sqlite"))))
        var source = SplitMix(state: 3)
        var errors: Set<RegistryError.Kind> = []
        for _ in 0..<60 {
            var bytes = whole
            let page = Int.random(in: 0..<(whole.count / 4096), using: &source) * 4096
            let start = page + Int.random(in: 0..<4000, using: &source)
            for place in start..<(start + Int.random(in: 1...96, using: &source)) {
                bytes[place] = UInt8.random(in: .min ... .max, using: &source)
            }
            for name in ["registry.sqlite-wal", "registry.sqlite-shm"] {
                try? FileManager.default.removeItem(atPath: folder.path(name))
            }
            try folder.write(bytes, to: "registry.sqlite")
            do throws(RegistryError) {
                let data = try DataFolder(folder.path)
                defer { data.close() }
                let registry = try WorkerRegistry(data)
                for worker in try await registry.list().workers {
                    _ = try await registry.details(of: worker.name)
                    _ = try await registry.load(worker.name)
                }
                _ = try await registry.takeDueRuns()
                try await registry.rotateKeys()
                try registry.close()
            } catch {
                errors.insert(error.kind)
            }
        }
        #expect(errors.contains(.corrupt))
    }

    @Test("Where there is no room, a change is refused as a whole, and what was there can be read and deleted")
    func full() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry(.with { $0.mostDatabaseBytes = 1 << 20 }) { registry in
            try await registry.deploy("v1", as: "one")
            let large = (0..<20).map { "m\($0).js" }.reduce(into: ["a.js": ""]) { modules, name in
                modules[name] = name + String(repeating: "x", count: 100_000)
            }
            let manifest = WorkerManifest(main: "a.js", modules: large)
            let error = await #expect(throws: DeploymentError.self) {
                try await registry.deploy(manifest, as: WorkerName("one")) { _, _ in [] }
            }
            guard case .registry(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.kind == .full)
            #expect(try await registry.source(of: "one") == "v1")
            #expect(try await registry.details(of: WorkerName("one")).versions.count == 1)
            #expect(try await registry.deploy("v2", as: "one").number == 2)
            try await registry.delete(WorkerName("one"))
        }
    }

    @Test("A folder that this user may not write is an error that says so")
    func readOnly() async throws {
        let isRoot = geteuid() == 0
        let folder = try TestFolder()
        try await folder.withRegistry { try await $0.deploy("v1", as: "one") }
        let fm = FileManager.default
        try fm.setAttributes([.posixPermissions: isRoot ? 0o755 : 0o555], ofItemAtPath: folder.path)
        for name in try folder.names() {
            try fm.setAttributes([.posixPermissions: isRoot ? 0o644 : 0o444], ofItemAtPath: folder.path(name))
        }
        let kind = try await CrasherProgram.open(folder.path, asNobody: isRoot)
        try fm.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        // Another user may not reach the built program, and setpriv may not be there.
        #expect(kind == "readOnly" || (isRoot && kind == nil))
    }

    @Test("A file that was cut short while it was made does not stay in the way")
    func leftOver() async throws {
        let folder = try TestFolder()
        try folder.make()
        try folder.write(Array("half".utf8), to: "secrets.key.new", permissions: 0o644)
        try await folder.withRegistry { _ in }
        #expect(try folder.permissions(of: "secrets.key") == 0o600)
        #expect(try !folder.names().contains("secrets.key.new"))
    }
}
