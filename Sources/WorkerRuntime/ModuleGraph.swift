// SPDX-License-Identifier: Apache-2.0
package import Isolates

/// The modules of one context: loads them breadth first, compiles, links, and answers `import()`.
///
/// Lives on the isolate's thread. A key has one module for ever, and a key that failed fails again with
/// the same error object (ECMA-262, HostLoadImportedModule).
package final class ModuleGraph {
    /// Called with a root whose graph is loaded and linked.
    package typealias Completion = (Result<Module, ModuleFailure>) throws(ScriptError) -> Void

    private enum State {
        case loading
        case ready(Module, [Dependency])
        case failed(ModuleFailure)
    }

    private struct Dependency {
        let key: ModuleKey
        let request: Module.Request
    }

    /// The import that asked for a module first.
    private struct Importer {
        let key: ModuleKey
        let line: Int
        let column: Int
    }

    private struct Entry {
        var state = State.loading
        let importer: Importer?
        /// What was compiled, to show a line of, until everything below is loaded.
        var source: [UInt8]?
        /// Everything below is loaded and linked.
        var isComplete = false
    }

    /// A root whose graph is being loaded.
    private final class Job {
        let root: ModuleKey
        let completion: Completion
        var visited: Set<ModuleKey> = []
        var waiting: Set<ModuleKey> = []
        var failure: ModuleFailure?

        init(_ root: ModuleKey, _ completion: @escaping Completion) {
            self.root = root
            self.completion = completion
        }
    }

    private struct Question: Hashable {
        let referrer: String
        let specifier: String
        let attributes: [String: String]
    }

    private let context: Context
    private let loader: any ModuleLoader
    private let caches: CodeCaches?
    private var entries: [ModuleKey: Entry] = [:]
    private var jobs: [Job] = []
    private var wanted: [ModuleKey] = []
    private var answers: [Question: ModuleKey] = [:]
    private var sources = SourceMaps()
    private var uncached: [(key: String, module: Module)] = []

    package init(_ context: Context, loader: any ModuleLoader, caches: CodeCaches?) {
        self.context = context
        self.loader = loader
        self.caches = caches
    }

    /// Whether modules are being loaded.
    package var isLoading: Bool { !jobs.isEmpty }

    /// The maps of the modules that were compiled from another language.
    package var sourceMaps: SourceMaps { sources }

    /// Loads a root and all it imports, then calls `completion`: at once where it is loaded already.
    package func load(_ root: ModuleKey, _ completion: @escaping Completion) throws(ScriptError) {
        let job = Job(root, completion)
        jobs.append(job)
        explore([(root, nil)], for: job)
        try settle()
    }

    /// The keys to load now; the caller hands the loader's answers to `deliver`.
    package func takeWanted() -> [ModuleKey] {
        defer { wanted = [] }
        return wanted
    }

    /// Takes what the loader answered.
    package func deliver(_ keys: [ModuleKey], _ answers: [Result<LoadedModule, ModuleError>]) throws(ScriptError) {
        for (key, answer) in zip(keys, answers) {
            let state = try make(key, answer)
            entries[key]?.state = state
            for job in jobs where job.waiting.remove(key) != nil { proceed(below: key, state, for: job) }
        }
        try settle()
    }

    /// Answers `import()`.
    package func importDynamically(_ request: DynamicImport) throws(ScriptError) {
        switch resolve(request.specifier, attributes: request.attributes, from: request.referrer) {
        case .success(let key):
            try load(key) { [context] result throws(ScriptError) in
                switch result {
                case .success(let module): try context.finish(request, with: module)
                case .failure(let failure): try context.fail(request, with: failure.held)
                }
            }
        case .failure(let error):
            var exception = HostException(error)
            // ECMA-262: attributes that are not supported are early errors in an import statement,
            // and a TypeError of import().
            if error.kind == .unknownAttribute { exception.errorClass = .typeError }
            let held = try context.hold(exception)
            try context.fail(request, with: held)
            context.release(held)
        }
    }

    /// What `import.meta.resolve` answers.
    package func url(of specifier: String, from referrer: String) throws(ModuleError) -> ModuleURL {
        try loader.url(of: specifier, from: try base(referrer, for: specifier))
    }

    private func base(_ referrer: String, for specifier: String) throws(ModuleError) -> ModuleURL {
        guard let url = ModuleURL(referrer) else {
            throw ModuleError(
                .invalidSpecifier, "\(specifier) is imported by code that has no URL to start from")
        }
        return url
    }

    /// The module that a specifier names, the same at every call.
    private func resolve(
        _ specifier: String, attributes: [String: String] = [:], from referrer: String
    ) -> Result<ModuleKey, ModuleError> {
        let question = Question(referrer: referrer, specifier: specifier, attributes: attributes)
        if let known = answers[question] { return .success(known) }
        do throws(ModuleError) {
            let url = try base(referrer, for: specifier)
            let key = try loader.resolve(specifier, attributes: attributes, from: url)
            answers[question] = key
            return .success(key)
        } catch {
            return .failure(error)
        }
    }

    /// Keeps the code that V8 compiled for modules that had no cache.
    package func storeCodeCaches() {
        for (key, module) in uncached {
            if let cache = module.codeCache() { caches?.store(cache, for: key) }
        }
        uncached = []
    }

    // MARK: Loading

    private func explore(_ start: [(ModuleKey, Importer?)], for job: Job) {
        var rest = start
        while let (key, importer) = rest.popLast() {
            guard job.visited.insert(key).inserted else { continue }
            guard let entry = entries[key] else {
                entries[key] = Entry(importer: importer)
                wanted.append(key)
                job.waiting.insert(key)
                continue
            }
            switch entry.state {
            case .loading: job.waiting.insert(key)
            case .failed(let failure): job.failure = job.failure ?? failure
            case .ready(_, let dependencies) where !entry.isComplete: rest += importers(dependencies, of: key)
            case .ready: break
            }
        }
    }

    private func proceed(below key: ModuleKey, _ state: State, for job: Job) {
        switch state {
        case .loading: break
        case .failed(let failure): job.failure = job.failure ?? failure
        case .ready(_, let dependencies): explore(importers(dependencies, of: key), for: job)
        }
    }

    /// In reverse: `explore` takes from the end.
    private func importers(_ dependencies: [Dependency], of key: ModuleKey) -> [(ModuleKey, Importer?)] {
        dependencies.reversed().map { dependency in
            let request = dependency.request
            return (dependency.key, Importer(key: key, line: request.line, column: request.column))
        }
    }

    private func settle() throws(ScriptError) {
        while let index = jobs.firstIndex(where: { $0.failure != nil || $0.waiting.isEmpty }) {
            let job = jobs.remove(at: index)
            if let failure = job.failure {
                try job.completion(.failure(failure))
            } else if case .ready(let module, _) = entries[job.root]?.state {
                try link(job.visited)
                try job.completion(.success(module))
            }
        }
    }

    private func link(_ keys: Set<ModuleKey>) throws(ScriptError) {
        for key in keys {
            guard let entry = entries[key], !entry.isComplete, case .ready(let module, let dependencies) = entry.state
            else { continue }
            for (index, dependency) in dependencies.enumerated() {
                if case .ready(let target, _) = entries[dependency.key]?.state { try module.link(index, to: target) }
            }
        }
        for key in keys {
            entries[key]?.isComplete = true
            entries[key]?.source = nil
        }
    }

    // MARK: Making modules

    private func make(
        _ key: ModuleKey, _ answer: Result<LoadedModule, ModuleError>
    ) throws(ScriptError) -> State {
        do throws(ScriptError) {
            switch answer {
            case .failure(let error): return .failed(try failure(error, of: key, at: entries[key]?.importer))
            case .success(.value(let value)):
                return .ready(try context.module(of: value, url: key.url.text), [])
            case .success(.source(let source, let map)):
                sources[key.url.text] = map
                return try compile(source, key)
            }
        } catch .exception(var exception) {
            if exception.url.isEmpty { exception.url = key.url.text }
            sources.locate(&exception)
            guard let held = exception.held else { throw .exception(exception) }
            return .failed(ModuleFailure(exception: exception, held: held, importedFrom: chain(from: key)))
        }
    }

    private func compile(_ source: [UInt8], _ key: ModuleKey) throws(ScriptError) -> State {
        let cacheKey = caches?.key(for: source, url: key.url.text)
        let cache = cacheKey.flatMap { caches?.cache(for: $0) }
        let (module, tookCache) = try context.compile(source, url: key.url.text, cache: cache)
        entries[key]?.source = source
        if let cacheKey, !tookCache { uncached.append((cacheKey, module)) }
        var dependencies: [Dependency] = []
        for request in module.requests {
            switch resolve(request.specifier, attributes: request.attributes, from: key.url.text) {
            case .success(let target): dependencies.append(Dependency(key: target, request: request))
            case .failure(let error):
                let importer = Importer(key: key, line: request.line, column: request.column)
                return .failed(try failure(error, of: key, at: importer))
            }
        }
        return .ready(module, dependencies)
    }

    // MARK: Failures

    private func failure(
        _ error: ModuleError, of key: ModuleKey, at importer: Importer?
    ) throws(ScriptError) -> ModuleFailure {
        let held = try context.hold(HostException(error))
        var exception = ScriptException(
            name: error.errorClass.rawValue, message: error.message, code: error.code, held: held)
        if let position = error.position {
            exception.url = position.url
            exception.line = position.line
            exception.column = position.column
            exception.sourceLine = position.sourceLine
        } else if let importer {
            exception.url = importer.key.url.text
            exception.line = importer.line
            exception.column = importer.column
            let source = entries[importer.key]?.source
            exception.sourceLine = source.flatMap { SourceText.line(importer.line, of: $0) } ?? ""
            sources.locate(&exception)
        }
        let from = error.position == nil ? importer?.key : key
        return ModuleFailure(exception: exception, held: held, importedFrom: from.map(chain(from:)) ?? [])
    }

    /// Who imports a module, its importer, and so on; at most 20 of them.
    private func chain(from key: ModuleKey) -> [String] {
        var places: [String] = []
        var next = entries[key]?.importer
        while let importer = next, places.count < 20 {
            var place = ScriptException(
                name: "", message: "", url: importer.key.url.text, line: importer.line, column: importer.column)
            sources.locate(&place)
            places.append("\(place.url):\(place.line):\(place.column)")
            next = entries[importer.key]?.importer
        }
        return places
    }
}

/// Why a module could not be had.
package struct ModuleFailure: Error {
    /// With the importer's place, where the module has none of its own.
    package let exception: ScriptException
    /// The error object that every import of the module is rejected with.
    package let held: HeldException
    /// Who imports it, from the nearest on: `file:///a.js:1:8`.
    package let importedFrom: [String]
}

extension HostException {
    /// A module's error as JavaScript sees it.
    init(_ error: ModuleError) {
        let place = error.position.map { " (\($0.url):\($0.line):\($0.column))" } ?? ""
        self.init(
            error.errorClass == .typeError ? .typeError : .syntaxError, error.message + place, code: error.code)
    }
}
