// SPDX-License-Identifier: Apache-2.0
import Isolates
import Synchronization
import WorkerRuntime

/// Modules by path, of any kind, in memory; and rookery:env, rookery:files.
final class MemoryLoader: ModuleLoader {
    let modules: [String: String]
    let loads = Mutex<[String]>([])

    init(_ modules: [String: String]) { self.modules = modules }

    func url(of specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL {
        guard let url = referrer.resolving(specifier: specifier) else {
            throw ModuleError(.bareSpecifier, "\(specifier) is bare")
        }
        return url
    }

    func resolve(
        _ specifier: String, attributes: [String: String], from referrer: ModuleURL
    ) throws(ModuleError) -> ModuleKey {
        let url = try url(of: specifier, from: referrer)
        let list = attributes.map { ImportAttribute(key: $0.key, value: $0.value) }
        return ModuleKey(url: url, kind: try ModuleKind(of: url, attributes: list))
    }

    func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>] {
        loads.withLock { $0 += keys.map(\.url.path) }
        return keys.map { key in
            if key.url.scheme == "rookery" {
                return .success(.value(.prelude(key.url.path == "env" ? "makeEnv" : "filesModule")))
            }
            guard let text = modules[key.url.path] else {
                return .failure(ModuleError(.notFound, "there is no \(key.url.path)"))
            }
            let bytes = Array(text.utf8)
            return .success(key.kind == .json ? .value(.json(bytes)) : .source(bytes, map: nil))
        }
    }
}
