// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Finds the modules of a worker of the installation by its name.
///
/// - Returns: `nil` where there is no such worker.
public typealias WorkerModulesFinder = @Sendable (_ worker: String) -> WorkerModules?

/// Loads the modules of a deployed worker, the public ones of other workers, `data:` URLs, and Rookery's own.
///
/// Its own have `file:` URLs from the root on, as in `file:///lib/util.js`, and those of others `worker:` URLs, as in
/// `worker://other/index.ts`; neither is ever a file. `worker:other` is short for the main module of another worker.
package final class DeployedModules: ModuleLoader {
    private let name: String
    /// The worker's own.
    let own: WorkerModules
    private let find: WorkerModulesFinder
    private let compiler: TypeScriptCompiler
    /// What was found first stays, so that all isolates of a deployment run the same code.
    private let found = Mutex<[String: WorkerModules]>([:])

    package init(_ name: String, _ modules: WorkerModules, find: @escaping WorkerModulesFinder) {
        self.name = name
        own = modules
        compiler = modules.compiler
        self.find = find
    }

    /// The key of the module with the handlers.
    package var main: ModuleKey {
        let url = Self.url(of: own.main)
        return ModuleKey(url: url, kind: (try? ModuleKind(of: url)) ?? .javaScript)
    }

    private static func url(of name: String) -> ModuleURL {
        ModuleURL(filePath: "/" + name)
            ?? ModuleURL(scheme: "file", authority: "", path: "/", query: nil, fragment: nil)
    }

    /// The name of the module that a URL in a stack or an error is of; `nil` for another's.
    package static func name(of url: String) -> String? {
        ModuleURL(url)?.filePath.map { String($0.dropFirst()) }
    }

    // MARK: From a specifier to a key

    package func url(of specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL {
        guard let url = referrer.resolving(specifier: specifier) else {
            guard ModuleURL.isRelativeSpecifier(specifier) || specifier.isEmpty else {
                throw .bareSpecifierOfDeployment(specifier, from: referrer)
            }
            throw .invalidSpecifier(specifier, from: referrer)
        }
        guard !Self.leavesRoot(specifier, from: referrer) else {
            throw .leavesDeployment(specifier, from: referrer)
        }
        switch url.scheme {
        case "file": return url.existingTypeScript(importedFrom: referrer) { own.contains($0.path) }
        case "worker":
            let (url, modules) = try moduleOfWorker(url, specifier)
            return url.existingTypeScript(importedFrom: referrer) { modules.contains($0.path) }
        default: return url
        }
    }

    package func resolve(
        _ specifier: String, attributes: [String: String], from referrer: ModuleURL
    ) throws(ModuleError) -> ModuleKey {
        try ModuleKey(importing: url(of: specifier, from: referrer), attributes: attributes)
    }

    /// Whether dot segments lead above the root, where the URL parser would stop without a word.
    private static func leavesRoot(_ specifier: String, from referrer: ModuleURL) -> Bool {
        guard specifier.utf8.first == UInt8(ascii: ".") else { return false }
        let deeper = referrer.replacingPath("/top" + referrer.path).resolving(specifier)
        return deeper?.path.utf8.starts(with: "/top/".utf8) != true
    }

    /// From `worker:NAME`, `worker:NAME/PATH` and `worker://NAME/PATH` to the last of these; this worker's own
    /// modules keep the URLs that they have.
    private func moduleOfWorker(
        _ url: ModuleURL, _ specifier: String
    ) throws(ModuleError) -> (ModuleURL, WorkerModules) {
        let full = url.isOpaque ? ModuleURL(url.text.replacing("worker:", with: "worker://", maxReplacements: 1)) : url
        guard let full, let worker = full.authority, !worker.isEmpty else {
            throw ModuleError(
                .invalidSpecifier,
                "\(ModuleError.quote(specifier)) names no worker: write \"worker:NAME\", or \"worker:NAME/PATH\" for one "
                    + "of its modules")
        }
        let modules = worker == name ? own : try modules(of: worker)
        let isMain = full.path.isEmpty || full.path == "/"
        let target = isMain ? full.replacingPath(Self.url(of: modules.main).path) : full
        guard modules === own else { return (target, modules) }
        return (
            ModuleURL(
                scheme: "file", authority: "", path: target.path, query: target.query, fragment: target.fragment),
            own
        )
    }

    private func modules(of worker: String) throws(ModuleError) -> WorkerModules {
        if let known = found.withLock({ $0[worker] }) { return known }
        guard let modules = find(worker) else {
            throw ModuleError(
                .notFound, "There is no worker \(ModuleError.quote(worker)) here to import modules of. Deploy it first")
        }
        guard modules.isPublic else {
            throw ModuleError(
                .noPermission,
                "The modules of the worker \(ModuleError.quote(worker)) are not public. Deploy it with \"public\": true "
                    + "to import them")
        }
        return found.withLock { found in
            if let known = found[worker] { return known }
            found[worker] = modules
            return modules
        }
    }

    // MARK: Loading

    package func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>] {
        var answers: [ModuleKey: Result<LoadedModule, ModuleError>] = [:]
        var others: [ModuleKey] = []
        for key in keys {
            if let modules = modules(at: key.url) {
                answers[key] = await modules.load(key)
            } else {
                others.append(key)
            }
        }
        let loaded = await ModuleContents.load(others, compiler: compiler) { url throws(ModuleError) in
            throw .notFound(url.text, from: nil)
        }
        answers.merge(zip(others, loaded)) { _, new in new }
        return keys.map { answers[$0] ?? .failure(.notFound($0.url.text, from: nil)) }
    }

    private func modules(at url: ModuleURL) -> WorkerModules? {
        switch url.scheme {
        case "file": url.authority == "" ? own : nil
        case "worker": url.authority.flatMap { worker in found.withLock { $0[worker] } }
        default: nil
        }
    }
}
