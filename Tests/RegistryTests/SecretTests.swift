// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import SQLiteFiles
import Testing

@testable import Registry

@Suite("Secrets at rest") struct SecretTests {
    private func secret(_ registry: WorkerRegistry, _ worker: String, version: Int? = nil) async throws -> String? {
        guard
            case .secret(let value)? = try await registry.load(WorkerName(worker), version: version)
                .manifest.bindings["S"]
        else { return nil }
        return value?.value
    }

    private func deploy(_ registry: WorkerRegistry, _ worker: String, _ value: String?) async throws {
        try await registry.deploy("x", as: worker, bindings: ["S": .secret(value.map { SecretValue($0) })])
    }

    @Test("No file has the value of a secret in it, and the file of the keys is the owner's alone")
    func atRest() async throws {
        let folder = try TestFolder()
        let value = "correct-horse-battery-staple"
        try await folder.withRegistry { registry in
            try await deploy(registry, "one", value)
            #expect(try await secret(registry, "one") == value)
            let details = try await registry.details(of: WorkerName("one"))
            #expect(details.manifest.bindings == ["S": .secret(nil)])
            for name in try folder.names() {
                let bytes = Array(try Data(contentsOf: URL(filePath: folder.path(name))))
                #expect(!bytes.contains(Array(value.utf8)), "\(name)")
                #expect(try folder.permissions(of: name) == 0o600, "\(name)")
            }
        }
        #expect(try folder.names().contains("secrets.key"))
    }

    @Test("A secret without a value keeps the one in service; without one there, it is refused")
    func keeping() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await deploy(registry, "one", "first")
            try await deploy(registry, "one", nil)
            #expect(try await secret(registry, "one") == "first")
            try await deploy(registry, "one", "second")
            _ = try await registry.rollback(WorkerName("one"), to: 2)
            try await deploy(registry, "one", nil)
            #expect(try await secret(registry, "one") == "first")
            #expect(try await secret(registry, "one", version: 3) == "second")
            let error = await #expect(throws: DeploymentError.self) { try await deploy(registry, "two", nil) }
            #expect(error?.description.contains("bindings.S.value: a value is needed") == true)
            #expect(try await registry.list().workers.count == 1)
        }
    }

    @Test("A stored value that was moved to another worker or name, or changed, cannot be read")
    func moved() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await deploy(registry, "one", "first")
            try await deploy(registry, "two", "second")
            let original = try await registry.read { db in
                try db.rows("SELECT sealed FROM secrets ORDER BY version") { row in Data(try row.bytes(0)) }
            }
            var changed = original[1]
            changed[20] ^= 1
            for stored in [original[0], changed, original[1].dropLast(), Data()] {
                try await registry.write { db in
                    try db.change("UPDATE secrets SET sealed = ? WHERE version = 2", [stored])
                }
                let error = await #expect(throws: RegistryError.self) { try await registry.load(WorkerName("two")) }
                #expect(error?.kind == .corrupt)
                #expect(error?.description.contains("the secret \"S\" of the worker \"two\"") == true)
            }
            try await registry.write { db in
                try db.change("UPDATE secrets SET sealed = ?, name = 'T' WHERE version = 2", [original[1]])
            }
            await #expect(throws: RegistryError.self) { try await registry.load(WorkerName("two")) }
            #expect(try await secret(registry, "one") == "first")
        }
    }

    @Test("After a rotation every secret is sealed with the new key, the old one is gone, and all can be read")
    func rotation() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            for index in 0..<30 {
                let bindings = (0..<10).map { ("S\($0)", WorkerBinding.secret(SecretValue("\(index)-\($0)"))) }
                try await registry.deploy("x", as: "w\(index)", bindings: Dictionary(uniqueKeysWithValues: bindings))
            }
            let before = try #require(folder.text("secrets.key"))
            try await registry.rotateKeys()
            try await registry.rotateKeys()
            let after = try #require(folder.text("secrets.key"))
            #expect(before.hasPrefix("1 ") && after.hasPrefix("3 ") && after.split(separator: "\n").count == 1)
            let keys = try await registry.read { db in
                try db.rows("SELECT DISTINCT key FROM secrets UNION SELECT key FROM key_check") { row in
                    try row.integer(0)
                }
            }
            #expect(keys == [3])
        }
        try await folder.withRegistry { registry in
            for index in 0..<30 {
                let bindings = try await registry.load(WorkerName("w\(index)")).manifest.bindings
                #expect(bindings["S7"] == .secret(SecretValue("\(index)-7")))
            }
        }
    }

    @Test("A rotation that was cut short leaves every secret readable, and the next one completes it")
    func halfRotation() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await deploy(registry, "one", "first")
            // What is on the disk after the first step.
            try folder.write(registry.keys.rotated().file, to: "secrets.key")
        }
        try await folder.withRegistry { registry in
            try await deploy(registry, "two", "second")
            #expect(try await secret(registry, "one") == "first")
            try await registry.rotateKeys()
            #expect(folder.text("secrets.key")?.hasPrefix("3 ") == true)
            #expect(try await secret(registry, "one") == "first")
            #expect(try await secret(registry, "two") == "second")
        }
    }

    @Test("Deployments and readers during a rotation lose nothing")
    func rotationUnderLoad() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { registry in
            try await deploy(registry, "one", "0")
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for _ in 0..<5 { try await registry.rotateKeys() } }
                group.addTask { for value in 1...20 { try await deploy(registry, "one", "\(value)") } }
                group.addTask {
                    for _ in 0..<60 {
                        let value = try await secret(registry, "one")
                        #expect(value.flatMap { Int($0) } != nil)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await secret(registry, "one") == "20")
        }
        let found = try await folder.withRegistry { try await secret($0, "one") }
        #expect(found == "20")
    }

    @Test("Without its key, or with another one, the registry does not open, and nothing is changed")
    func wrongKey() async throws {
        let folder = try TestFolder()
        try await folder.withRegistry { try await deploy($0, "one", "first") }
        let key = try Data(contentsOf: URL(filePath: folder.path("secrets.key")))
        func openingFails() throws -> RegistryError.Kind? {
            #expect(throws: RegistryError.self) { _ = try WorkerRegistry(DataFolder(folder.path)) }?.kind
        }
        try FileManager.default.removeItem(atPath: folder.path("secrets.key"))
        #expect(try openingFails() == .wrongKey)
        #expect(try !folder.names().contains("secrets.key"))
        for text in [
            "", "1 \n", "1 AAAA\n", "x y\n", "1 \(Data(count: 32).base64EncodedString())\n", "\u{0}\u{1}\u{2}",
        ] {
            try folder.write(Array(text.utf8), to: "secrets.key")
            #expect(try openingFails() == .wrongKey)
        }
        try folder.write(Array(key), to: "secrets.key", permissions: 0o640)
        #expect(try openingFails() == .exposed)
        try folder.write(Array(key), to: "secrets.key")
        let found = try await folder.withRegistry { try await secret($0, "one") }
        #expect(found == "first")
    }
}
