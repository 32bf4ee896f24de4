// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import SQLiteFiles
import Synchronization
import Testing

@testable import Registry

@Suite("The registry of workers") struct RegistryTests {
    @Test("What was deployed is there after the registry was opened again")
    func durable() async throws {
        let folder = try TestFolder()
        let manifest = WorkerManifest(
            main: "a.js", modules: ["a.js": "export default 1 // é\u{0}", "lib/b.js": ""],
            bindings: ["T": .text("t"), "S": .secret(SecretValue("s3cret")), "ME": .worker(try WorkerName("one"))],
            crons: [try CronExpression("@daily")])
        let deployed = try await folder.withRegistry { registry in
            try await registry.deploy(manifest, as: WorkerName("one")) { _, _ in [] }
        }
        #expect(deployed.number == 1)
        #expect(deployed.hash.count == 64)
        try await folder.withRegistry { registry in
            let loaded = try await registry.load(WorkerName("one"))
            #expect(loaded.manifest == manifest)
            #expect(loaded.summary == deployed)
        }
    }

    @Test("Each version has the next number; a rollback goes to the one before, or to the one named")
    func versions() async throws {
        let folder = try TestFolder()
        let name = try WorkerName("one")
        try await folder.withRegistry { registry in
            for number in 1...4 { #expect(try await registry.deploy("v\(number)", as: "one").number == number) }
            #expect(try await registry.rollback(name).number == 3)
            #expect(try await registry.rollback(name).number == 2)
            #expect(try await registry.source(of: "one") == "v2")
            #expect(try await registry.rollback(name, to: 4).number == 4)
            #expect(try await registry.source(of: "one") == "v4")
            #expect(try await registry.rollback(name, to: 1).number == 1)
            #expect(try await registry.deploy("v5", as: "one").number == 5)
            #expect(try await registry.source(of: "one", version: 3) == "v3")
            let details = try await registry.details(of: name)
            #expect(details.versions.map(\.number) == [5, 4, 3, 2, 1])
            #expect(details.summary.service.number == 5)
            #expect(details.modules == ["index.js"])
        }
    }

    @Test("What is not there is an error that says so, and changes nothing")
    func unknown() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await registry.deploy("v1", as: "one")
            let (one, two) = (try WorkerName("one"), try WorkerName("two"))
            func kind(_ body: () async throws -> Void) async -> RegistryError.Kind? {
                await #expect(throws: RegistryError.self) { try await body() }?.kind
            }
            #expect(await kind { _ = try await registry.load(two) } == .unknownWorker)
            #expect(await kind { _ = try await registry.details(of: two) } == .unknownWorker)
            #expect(await kind { _ = try await registry.rollback(two) } == .unknownWorker)
            #expect(await kind { try await registry.delete(two) } == .unknownWorker)
            #expect(await kind { _ = try await registry.rollback(one) } == .unknownVersion)
            #expect(await kind { _ = try await registry.rollback(one, to: 2) } == .unknownVersion)
            #expect(await kind { _ = try await registry.rollback(one, to: -1) } == .unknownVersion)
            #expect(await kind { _ = try await registry.load(one, version: Int.max) } == .unknownVersion)
            #expect(try await registry.source(of: "one") == "v1")
        }
    }

    @Test("A version that fails its check is not stored, and the one in service stays")
    func check() async throws {
        let folder = try TestFolder()
        let name = try WorkerName("one")
        try await folder.withRegistry { registry in
            try await registry.deploy("v1", as: "one")
            let problem = DeploymentProblem(.syntax, "Unexpected token", module: "index.js", line: 3, column: 7)
            let seen = Mutex<[String: String]>([:])
            let error = await #expect(throws: DeploymentError.self) {
                try await registry.deploy(WorkerManifest(main: "a.js", modules: ["a.js": "{"]), as: name) {
                    worker, manifest in
                    seen.withLock { $0 = [worker.description: manifest.modules["a.js"] ?? ""] }
                    return [problem]
                }
            }
            #expect(error == .refused([problem]))
            #expect(error?.description == "index.js:3:7: Unexpected token")
            #expect(seen.withLock(\.self) == ["one": "{"])
            #expect(try await registry.source(of: "one") == "v1")
            #expect(try await registry.details(of: name).versions.map(\.number) == [1])
            #expect(try await registry.deploy("v2", as: "one").number == 2)
        }
    }

    @Test("A manifest that may not be is refused before it is tried")
    func badManifest() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let error = await #expect(throws: DeploymentError.self) {
                try await registry.deploy(WorkerManifest(main: "a.js", modules: [:]), as: WorkerName("one")) { _, _ in
                    Issue.record("it was tried")
                    return []
                }
            }
            guard case .manifest(let fault) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(fault.path == "main")
            let workers = try await registry.list().workers
            #expect(workers.isEmpty)
        }
    }

    @Test("A worker can be bound to itself and to one that there is, and to no other")
    func workerBindings() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let other = WorkerBinding.worker(try WorkerName("two"))
            try await registry.deploy("v1", as: "one", bindings: ["ME": .worker(try WorkerName("one"))])
            let error = await #expect(throws: DeploymentError.self) {
                try await registry.deploy("v2", as: "one", bindings: ["OTHER": other])
            }
            #expect(error?.description.contains("bindings.OTHER.name: there is no worker \"two\"") == true)
            #expect(try await registry.source(of: "one") == "v1")
            try await registry.deploy("v1", as: "two")
            #expect(try await registry.deploy("v2", as: "one", bindings: ["OTHER": other]).number == 2)
        }
    }

    @Test("A deleted worker is gone with all its versions; a new one of its name begins anew, with ids never seen")
    func deletion() async throws {
        let folder = try TestFolder()
        let name = try WorkerName("one")
        try await folder.withRegistry { registry in
            let first = try await registry.deploy("v1", as: "one", crons: ["@daily"])
            let second = try await registry.deploy("v2", as: "one", crons: ["@daily"])
            try await registry.delete(name)
            #expect(try await registry.list().workers.isEmpty)
            #expect(try await registry.nextDue() == nil)
            let anew = try await registry.deploy("v3", as: "one")
            #expect(anew.number == 1)
            #expect(anew.id > max(first.id, second.id))
            await #expect(throws: RegistryError.self) { try await registry.load(name, version: 2) }
        }
    }

    @Test("Workers are listed in pages, in the order of their names")
    func paging() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let names = (0..<25).map { "worker-\($0)" }
            for name in names.shuffled() { try await registry.deploy("x", as: name) }
            var found: [String] = []
            var last: WorkerName?
            var pages = 0
            while true {
                let page = try await registry.list(after: last, limit: 10)
                found += page.workers.map(\.name.description)
                last = page.workers.last?.name
                pages += 1
                if page.isComplete { break }
            }
            #expect(found == names.sorted())
            #expect(pages == 3)
            #expect(try await registry.list(limit: -5).workers.count == 1)
        }
    }

    @Test("Versions of the same modules take little; those past the last few are removed, and what only they had")
    func contentAddressing() async throws {
        let folder = try TestFolder()
        let name = try WorkerName("one")
        let large = String(repeating: "0123456789", count: 100_000)
        try await folder.withRegistry(.with { $0.versionsKept = 3 }) { registry in
            for number in 1...20 {
                let manifest = WorkerManifest(
                    main: "a.js", modules: ["a.js": "\(number)", "large.js": large], bindings: ["N": .text("\(number)")]
                )
                _ = try await registry.deploy(manifest, as: name) { _, _ in [] }
            }
            #expect(try await registry.details(of: name).versions.map(\.number) == [20, 19, 18])
            while try await registry.write(WorkerRegistry.collect) {}
            let left = try await registry.read { db in
                try ["versions", "sources", "modules", "loose_sources"].map { table in
                    try db.row("SELECT count(*) FROM \(table)") { row in try row.integer(0) }
                }
            }
            #expect(left == [3, 4, 6, 0])
            #expect(try await registry.load(name).manifest.modules["large.js"] == large)
            try await registry.delete(name)
            while try await registry.write(WorkerRegistry.collect) {}
            let empty = try await registry.read { db in
                try db.row("SELECT (SELECT count(*) FROM sources) + (SELECT count(*) FROM versions)") { row in
                    try row.integer(0)
                }
            }
            #expect(empty == 0)
        }
        #expect(try folder.size(of: "registry.sqlite") < 4 << 20)
    }

    @Test("The version in service is kept, however old it is")
    func oldService() async throws {
        let folder = try TestFolder()
        let name = try WorkerName("one")
        try await folder.withRegistry(.with { $0.versionsKept = 20 }) { registry in
            for number in 1...12 { try await registry.deploy("v\(number)", as: "one") }
        }
        try await folder.withRegistry(.with { $0.versionsKept = 2 }) { registry in
            _ = try await registry.rollback(name, to: 1)
            #expect(try await registry.source(of: "one") == "v1")
            try await registry.deploy("v13", as: "one")
            #expect(try await registry.details(of: name).versions.map(\.number) == [13, 12, 1])
            try await registry.deploy("v14", as: "one")
            #expect(try await registry.details(of: name).versions.map(\.number) == [14, 13])
        }
    }

    @Test("Modules are collected in bounded steps, and what another version has stays")
    func boundedCollection() async throws {
        let folder = try TestFolder()
        let modules = Dictionary(uniqueKeysWithValues: (0..<450).map { ("m\($0).js", "\($0)") })
        try await folder.withRegistry { registry in
            for name in ["one", "two"] {
                _ = try await registry.deploy(WorkerManifest(main: "m0.js", modules: modules), as: WorkerName(name)) {
                    _, _ in []
                }
            }
            try await registry.delete(WorkerName("one"))
            while try await registry.write(WorkerRegistry.collect) {}
            #expect(try await registry.load(WorkerName("two")).manifest.modules == modules)
        }
    }

    @Test("Of many deployments at the same time each has its own number, and the last one is in service")
    func concurrent() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let deployed = try await withThrowingTaskGroup(of: (Int, String).self) { group in
                for index in 0..<30 {
                    group.addTask {
                        (try await registry.deploy("source \(index)", as: "one").number, "source \(index)")
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(deployed.keys.sorted() == Array(1...30))
            #expect(try await registry.source(of: "one") == deployed[30])
        }
    }

    @Test("More changes than may wait are refused, and none of those taken is lost")
    func busy() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry(.with { $0.mostWaitingChanges = 2 }) { registry in
            let results = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<40 {
                    group.addTask {
                        do {
                            try await registry.deploy("x", as: "worker-\(index)")
                            return true
                        } catch DeploymentError.registry(let error) {
                            #expect(error.kind == .busy)
                        } catch {
                            Issue.record(error)
                        }
                        return false
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(results > 0)
            let count = try await registry.list(limit: 100).workers.count
            #expect(count == results)
        }
    }

    @Test("A task that is cancelled takes no change back, and reads on")
    func cancellation() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let task = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await registry.deploy("v1", as: "one")
            }
            let number = try await task.value.number
            #expect(number == 1)
            #expect(try await registry.source(of: "one") == "v1")
        }
    }

    @Test("A closed registry refuses everything")
    func closed() async throws {
        let folder = try TestFolder()
        let registry = try WorkerRegistry(DataFolder(folder.path))
        try await registry.deploy("v1", as: "one")
        try registry.close()
        try registry.close()
        let name = try WorkerName("one")
        #expect(await #expect(throws: RegistryError.self) { try await registry.load(name) }?.kind == .closed)
        #expect(await #expect(throws: RegistryError.self) { try await registry.delete(name) }?.kind == .closed)
    }

    @Test("An answer means that the disk has it")
    func synchronous() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let settings = try await registry.write { db in
                try ["synchronous", "foreign_keys"].map { name in
                    try db.row("PRAGMA \(name)") { row in try row.integer(0) }
                }
            }
            #expect(settings == [2, 1])
            let mode = try await registry.read { db in try db.row("PRAGMA journal_mode") { row in try row.text(0) } }
            #expect(mode == "wal")
        }
    }

    @Test("The same content has the same hash; a secret's value does not count")
    func hashes() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            let first = try await registry.deploy("x", as: "one", bindings: ["S": .secret(SecretValue("one"))])
            let second = try await registry.deploy("x", as: "two", bindings: ["S": .secret(SecretValue("two"))])
            let third = try await registry.deploy("y", as: "two", bindings: ["S": .secret(SecretValue("two"))])
            #expect(first.hash == second.hash)
            #expect(second.hash != third.hash)
        }
    }
}
