// SPDX-License-Identifier: Apache-2.0
import Egress
import ExecutorServer
import FoundationEssentials
import HostAPI
import Registry
import Testing
import WorkerRuntime
import WorkerTypes

@Suite("Deployments of versions", .timeLimit(.minutes(2))) struct DeploymentFactoryTests {
    private let path = FileManager.default.temporaryDirectory.appending(path: "rookery-test-\(UUID().uuidString)")
        .path(percentEncoded: false)

    private func options() -> HostResources.Options {
        var options = HostResources.Options()
        options.files = .perWorker(path + "/files")
        options.keyValueFile = path + "/kv.sqlite"
        options.environment = ["REGION": "here", "PATH": "secret"]
        options.services = { _, answer in
            answer(.success(ServiceResponse(head: ResponseHead(status: 204))))
            return {}
        }
        return options
    }

    private func withFactory(
        _ options: HostResources.Options? = nil, _ body: (DeploymentFactory, WorkerRegistry) async throws -> Void
    ) async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = try DataFolder(path)
        defer { folder.close() }
        var settings = WorkerRegistry.Options()
        DeploymentFactory.allow(in: &settings.rules)
        let registry = try WorkerRegistry(folder, options: settings)
        let resources = HostResources(options ?? self.options())
        do {
            try await body(DeploymentFactory(resources), registry)
        } catch {
            await resources.close()
            try? registry.close()
            throw error
        }
        await resources.close()
        try registry.close()
    }

    private func manifest(_ json: String) throws -> WorkerManifest {
        var rules = ManifestRules()
        DeploymentFactory.allow(in: &rules)
        return try WorkerManifest(json: Array(json.utf8), rules: rules)
    }

    private func deploy(_ json: String, as name: String, _ registry: WorkerRegistry) async throws -> WorkerVersion {
        let name = try WorkerName(name)
        _ = try await registry.deploy(try manifest(json), as: name) { _, _ in [] }
        return try await registry.load(name)
    }

    /// Calls an operation of a binding as a script of the worker would.
    private func call(
        _ deployment: WorkerDeployment, _ binding: String, _ operation: String, _ arguments: HostValue...
    ) async throws -> HostValue {
        let place = try #require(deployment.bindings.firstIndex { $0.name == binding })
        let index = try #require(deployment.bindings[place].operationIndices[operation])
        let scope = CallScope(
            caller: deployment.name, bindings: deployment.bindings, limits: deployment.hostLimits)
        defer { scope.end() }
        return try await withCheckedContinuation { continuation in
            scope.call(index, on: place, argumentBytes: 100) { () throws(HostError) in
                arguments
            } answer: {
                continuation.resume(returning: $0)
            }
        }.get()
    }

    @Test("A version's limits, values and grants are those of its manifest")
    func manifestOfVersion() async throws {
        try await withFactory { factory, registry in
            _ = try await deploy(#"{"main":"a.js","modules":{"a.js":""}}"#, as: "other", registry)
            let version = try await deploy(
                """
                {"main":"src/index.ts","modules":{"src/index.ts":"export default {}"},
                 "bindings":{"WHO":{"type":"text","value":"you"},"TOKEN":{"type":"secret","value":"s3cret"},
                  "KV":{"type":"kv","namespace":"links"},"FILES":{"type":"files","read":["."],"write":["."]},
                  "VARS":{"type":"env","names":["REGION","TOKEN"]},"CLOCK":{"type":"clock"},"RANDOM":{"type":"random"},
                  "fetch":{"type":"fetch","hosts":["api.example.com"]},"OTHER":{"type":"worker","name":"other"},
                  "LOG":{"type":"log"}},
                 "limits":{"memoryMiB":64,"cpuMilliseconds":20,"wallMilliseconds":2000,"startupMilliseconds":300,
                  "subrequests":5,"egressBytes":1000,"logBytes":200,"concurrency":7,"mode":"fresh"}}
                """, as: "app", registry)
            let deployment = try factory.deployment(of: version)
            #expect(deployment.name == "app" && deployment.version == 1)
            #expect(deployment.identity == version.summary.hash)
            #expect(deployment.limits.memory == 64 << 20 && deployment.limits.cpu == .milliseconds(20))
            #expect(deployment.limits.wall == .seconds(2) && deployment.startup == .milliseconds(300))
            #expect(deployment.limits.webAssembly && !deployment.limits.codeGeneration)
            #expect(deployment.hostLimits[.subrequests] == 5 && deployment.hostLimits[.egressBytes] == 1000)
            #expect(deployment.logBytes == 200 && deployment.concurrency == 7 && deployment.mode == .fresh)
            #expect(deployment.variables.map(\.name) == ["TOKEN", "WHO"] && deployment.variables[1].value == "you")
            #expect(!deployment.variables[0].value.contains("s3cret") && !deployment.variables[0].value.isEmpty)
            let names = ["CLOCK", "FILES", "KV", "LOG", "OTHER", "RANDOM", "VARS", "fetch", "websocket"]
            #expect(deployment.bindings.map(\.name).sorted() == names)
            #expect(try await call(deployment, "VARS", "get", .string("REGION")) == .string("here"))
            #expect(
                try await call(deployment, "VARS", "get", .string("TOKEN")) == .string(deployment.variables[0].value))
            await #expect(throws: HostError.self) { try await call(deployment, "VARS", "get", .string("PATH")) }
        }
    }

    @Test("Namespaces are shared by name; files are each worker's own")
    func sharing() async throws {
        try await withFactory { factory, registry in
            let bindings = """
                {"main":"a.js","modules":{"a.js":""},"bindings":{"KV":{"type":"kv","namespace":"n"},
                 "FILES":{"type":"files","read":["."],"write":["."]}}}
                """
            let one = try factory.deployment(of: try await deploy(bindings, as: "one", registry))
            let two = try factory.deployment(of: try await deploy(bindings, as: "two", registry))
            _ = try await call(one, "KV", "set", .undefined, .string("k"), .string("v"))
            guard case .list(let parts) = try await call(two, "KV", "get", .undefined, .string("k")) else {
                Issue.record("the other worker finds nothing")
                return
            }
            #expect(parts.first == .bytes(Array("v".utf8)))
            _ = try await call(one, "FILES", "write", .string("f"), .string("text"))
            await #expect(throws: HostError.self) { try await call(two, "FILES", "read", .string("f")) }
            #expect(FileManager.default.fileExists(atPath: path + "/files/one/f"))
        }
    }

    @Test(
        "What cannot be granted names the binding",
        arguments: [
            (#"{"FILES":{"type":"files","read":["a/b/c"]}}"#, "FILES: ", "make it first"),
            (#"{"A":{"type":"text","value":"x"},"KV":{"type":"kv","namespace":"N"}}"#, "KV: ", "namespace"),
            (
                #"{"X":{"type":"queue"}}"#, "X: ",
                "there are clock, env, fetch, files, kv, log, random, websocket, worker"
            ),
            (#"{"F":{"type":"fetch","hosts":["http://a"]}}"#, "F: ", "http://a"),
        ])
    func errors(_ bindings: String, _ name: String, _ words: String) async throws {
        try await withFactory { factory, _ in
            var manifest = WorkerManifest(main: "a.js", modules: ["a.js": ""])
            for (name, binding) in try WorkerBinding.parse(Array(bindings.utf8)) { manifest.bindings[name] = binding }
            let worker = try WorkerName("app")
            do throws(BindingError) {
                _ = try factory.candidate(manifest, as: worker)
                Issue.record("the binding was made")
            } catch {
                #expect(error.description.hasPrefix(name) && error.description.contains(words), "\(error)")
                #expect(error.problem.kind == .binding && error.problem.message.hasPrefix("bindings." + name))
            }
        }
    }

    @Test("Where there are no other workers and no folder for files, such bindings are refused")
    func nothing() async throws {
        try await withFactory(HostResources.Options()) { factory, _ in
            for binding in [#"{"type":"worker","name":"x"}"#, #"{"type":"files","read":["."]}"#] {
                let manifest = try manifest(
                    #"{"main":"a.js","modules":{"a.js":""},"bindings":{"B":\#(binding)}}"#)
                #expect(throws: BindingError.self) { try factory.candidate(manifest, as: WorkerName("app")) }
            }
        }
    }

    @Test("A candidate may keep a secret whose value is not known yet, a deployment may not")
    func keptSecret() async throws {
        try await withFactory { factory, _ in
            let manifest = try manifest(
                #"{"main":"a.js","modules":{"a.js":""},"bindings":{"KEY":{"type":"secret"}}}"#)
            let candidate = try factory.candidate(manifest, as: WorkerName("app"))
            #expect(candidate.variables.first?.value.isEmpty == false)
        }
    }

    @Test("Workers find the modules of others in service, while these are public")
    func modules() async throws {
        try await withFactory { factory, registry in
            let app = try factory.deployment(
                of: try await deploy(#"{"main":"a.js","modules":{"a.js":""}}"#, as: "app", registry))
            func resolve(_ specifier: String) throws -> String {
                try app.loader.resolve(specifier, attributes: [:], from: app.main.url).url.text
            }
            #expect(throws: ModuleError.self) { try resolve("worker:lib") }
            let hidden = try await deploy(#"{"main":"b.js","modules":{"b.js":""}}"#, as: "lib", registry)
            _ = try factory.deployment(of: hidden)
            #expect(throws: ModuleError.self) { try resolve("worker:lib") }
            let shown = try await deploy(#"{"main":"c.js","modules":{"c.js":""},"public":true}"#, as: "lib", registry)
            _ = try factory.candidate(shown.manifest, as: shown.worker)
            #expect(throws: ModuleError.self) { try resolve("worker:lib") }
            _ = try factory.deployment(of: shown)
            #expect(try resolve("worker:lib") == "worker://lib/c.js")
            factory.remove(shown.worker)
            #expect(try resolve("worker:lib") == "worker://lib/c.js", "what it found stays its own")
            let other = try factory.candidate(shown.manifest, as: WorkerName("other"))
            #expect(throws: ModuleError.self) {
                try other.loader.resolve("worker:lib", attributes: [:], from: other.main.url)
            }
        }
    }
}
