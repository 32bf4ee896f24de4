// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// The modules of one version of a worker, for its own isolates and for the workers that import them: what needs
/// compiling is compiled once for all of these.
public final class WorkerModules: Sendable {
    /// The name of the module with the handlers.
    public let main: String
    /// Whether other workers may import them.
    public let isPublic: Bool
    private let sources: [String: [UInt8]]
    let compiler: TypeScriptCompiler
    private let compilation = Mutex<Task<Compiled, Never>?>(nil)
    /// Maps are decoded once, when the first error needs them.
    private let scripts = Mutex<[String: JavaScriptText]>([:])

    private typealias Compiled = [String: Result<CompiledSource, ModuleError>]

    /// Modules by their names: relative paths such as `index.ts`, whose extensions say what they are.
    /// - Parameters:
    ///   - main: the name of the module with the handlers.
    ///   - modules: sources by name.
    ///   - isPublic: whether other workers may import them.
    ///   - compiler: what compiles TypeScript and JSX; better one for all workers, since it keeps results.
    public init(
        main: String, modules: [String: String], isPublic: Bool = false,
        compiler: TypeScriptCompiler = TypeScriptCompiler()
    ) {
        self.main = main
        self.isPublic = isPublic
        self.compiler = compiler
        sources = modules.mapValues { Array($0.utf8) }
    }

    /// Whether there is a module that a path names: a slash and the name, percent-encoded.
    func contains(_ path: String) -> Bool { name(at: path) != nil }

    private func name(at path: String) -> String? {
        guard let bytes = PercentCoding.decodeFilePath(path.utf8.dropFirst()),
            let name = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return sources[name] == nil ? nil : name
    }

    /// Loads the module at the path of a key.
    func load(_ key: ModuleKey) async -> Result<LoadedModule, ModuleError> {
        guard let name = name(at: key.url.path), let source = sources[name] else {
            return .failure(.notFound(key.url.text, from: nil))
        }
        switch key.kind {
        case .typeScript:
            let result = await compiled()[name] ?? .failure(.notFound(key.url.text, from: nil))
            return result.map { LoadedModule($0) }.mapError { $0.moved(to: key.url) }
        case .javaScript:
            let script = scripts.withLock { scripts in
                if let script = scripts[name] { return script }
                let script = JavaScriptText(SourceText.withoutByteOrderMark(source), isKept: true)
                scripts[name] = script
                return script
            }
            return .success(script.module)
        case .json, .text, .bytes: return .success(LoadedModule(source, of: key.kind))
        }
    }

    /// All that needs compiling, in one go: a start of the compiler costs more than the modules that nobody imports.
    private func compiled() async -> Compiled {
        let task = compilation.withLock { known in
            if let known { return known }
            let task = Task { await compile() }
            known = task
            return task
        }
        let compiled = await task.value
        let isPassing = compiled.values.contains { result in
            guard case .failure(let error) = result else { return false }
            return error.kind == .compilerMissing || error.kind == .compilerFailed
        }
        // Not the sources' fault: the next who asks tries again.
        if isPassing { compilation.withLock { if $0 == task { $0 = nil } } }
        return compiled
    }

    private func compile() async -> Compiled {
        var names: [String] = []
        var inputs: [TypeScriptSource] = []
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            guard let url = ModuleURL(filePath: "/" + name),
                let dialect = TypeScriptDialect(rawValue: url.pathExtension)
            else { continue }
            names.append(name)
            inputs.append(
                TypeScriptSource(url: url, text: SourceText.withoutByteOrderMark(source), dialect: dialect))
        }
        let results = await compiler.compile(inputs)
        return Dictionary(zip(names, results)) { first, _ in first }
    }
}
