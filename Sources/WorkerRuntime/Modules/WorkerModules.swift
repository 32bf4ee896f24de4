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
    /// What was compiled elsewhere.
    private let given: Compiled
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
        given = [:]
    }

    /// Modules of which those that need compiling are compiled.
    package init(main: String, compiled modules: [CompiledModule], isPublic: Bool) {
        self.main = main
        self.isPublic = isPublic
        compiler = TypeScriptCompiler()
        sources = Dictionary(modules.map { ($0.name, $0.source) }) { first, _ in first }
        var given: Compiled = [:]
        for module in modules {
            if let failure = module.failure {
                given[module.name] = .failure(failure)
            } else if let code = module.code {
                given[module.name] = .success(
                    CompiledSource(javaScript: code, mapText: module.map ?? [], source: module.source))
            }
        }
        self.given = given
    }

    /// All modules, those that need it compiled.
    package func compiledModules() async -> [CompiledModule] {
        let needsCompiling = sources.keys.contains { name in
            ModuleURL(filePath: "/" + name).flatMap { TypeScriptDialect(rawValue: $0.pathExtension) } != nil
        }
        let compiled = needsCompiling ? await compiled() : [:]
        var modules: [CompiledModule] = []
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            var module = CompiledModule(name: name, source: source)
            switch compiled[name] {
            case .success(let compiled)?: (module.code, module.map) = (compiled.javaScript, compiled.mapText)
            case .failure(let failure)?: module.failure = failure
            case nil: break
            }
            modules.append(module)
        }
        return modules
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
        guard given.isEmpty else { return given }
        let task = compilation.withLock { known in
            if let known { return known }
            let task = Task { await compile() }
            known = task
            return task
        }
        let compiled = await task.value
        let isPassing = compiled.values.contains { result in
            if case .failure(let error) = result { error.isPassing } else { false }
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

/// A module, and what it was compiled to.
package struct CompiledModule: Sendable {
    /// A relative path whose extension says what it is.
    package var name: String
    /// As it was deployed.
    package var source: [UInt8]
    /// The JavaScript that was made of it; `nil` where it is none but its own.
    package var code: [UInt8]?
    /// Back to the source, as JSON.
    package var map: [UInt8]?
    /// Why it could not be compiled: who imports it fails with that.
    package var failure: ModuleError?

    package init(name: String, source: [UInt8], code: [UInt8]? = nil, map: [UInt8]? = nil) {
        self.name = name
        self.source = source
        self.code = code
        self.map = map
    }
}
