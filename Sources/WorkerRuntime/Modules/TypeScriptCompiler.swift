// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// A module in TypeScript or with JSX.
package struct TypeScriptSource: Hashable, Sendable {
    package let url: ModuleURL
    package let text: [UInt8]
    package let dialect: TypeScriptDialect

    package init(url: ModuleURL, text: [UInt8], dialect: TypeScriptDialect) {
        self.url = url
        self.text = text
        self.dialect = dialect
    }
}

/// The JavaScript that a source became.
package struct CompiledSource: Sendable {
    package let javaScript: [UInt8]
    /// The map as JSON.
    package let mapText: [UInt8]
    /// Back to the source, whose text it holds.
    package let map: SourceMap?

    init(javaScript: [UInt8], mapText: [UInt8], source: [UInt8]) {
        self.javaScript = javaScript
        self.mapText = mapText
        map = SourceMap(json: mapText, contents: [source], aside: true)
    }
}

/// Compiles TypeScript and JSX to JavaScript with the `esbuild` program; types are removed, not checked.
///
/// Results are kept in memory, and in a store where one is given, by the digest of all they depend on.
public final class TypeScriptCompiler: Sendable {
    private let folders: ModuleFolders
    private let cache: CompiledCache
    private let program = Mutex<Esbuild?>(nil)

    /// So many sources and bytes go to one process.
    private static let largestBatch = 1024
    private static let largestBatchBytes = 64 << 20

    /// `folders` are those where a `tsconfig.json` is looked for.
    package init(folders: ModuleFolders, store: ContentStore?) {
        self.folders = folders
        cache = CompiledCache(store: store)
    }

    /// A compiler of modules that are no files.
    /// - Parameter cacheFolder: where results are kept for the next process; made if it is not there. `nil`, or one
    ///   that cannot be used or that others may write, is nowhere.
    public convenience init(cacheFolder: String? = nil) {
        self.init(store: cacheFolder.flatMap { ContentStore(folder: $0) })
    }

    /// A compiler of modules that are no files.
    package convenience init(store: ContentStore?) { self.init(folders: .none, store: store) }

    /// Whether the program is installed.
    package static var isAvailable: Bool { Esbuild.find() != nil }

    /// The program's path and version; `nil` where it is not installed, or does not start.
    package static func programVersion() async -> String? {
        guard let path = Esbuild.find(), let esbuild = await Esbuild(path: path) else { return nil }
        return "\(esbuild.version), \(path)"
    }

    private struct Job {
        let index: Int
        let key: String
        var input: Esbuild.Input
    }

    /// Compiles sources in one process, and answers in their order. An error in one leaves the others alone.
    package func compile(_ sources: [TypeScriptSource]) async -> [Result<CompiledSource, ModuleError>] {
        guard !sources.isEmpty else { return [] }
        guard let esbuild = await findProgram() else {
            return sources.map { _ in .failure(Self.missing) }
        }
        var results: [Int: Result<Esbuild.Output, ModuleError>] = [:]
        var jobs: [Job] = []
        var finder = TypeScriptSettingsFinder(folders)
        for (index, source) in sources.enumerated() {
            do throws(ModuleError) {
                let settings = try finder.settings(for: source.url).json
                let key = Self.key(source, settings, esbuild)
                if let output = cache.output(for: key) {
                    results[index] = .success(output)
                } else {
                    let input = Esbuild.Input(text: source.text, dialect: source.dialect, settings: settings)
                    jobs.append(Job(index: index, key: key, input: input))
                }
            } catch {
                results[index] = .failure(error)
            }
        }
        var rest = jobs[...]
        while !rest.isEmpty {
            let batch = Self.takeBatch(&rest)
            results.merge(await compile(batch, sources, with: esbuild)) { _, new in new }
        }
        return sources.enumerated().map { index, source in
            let result = results[index] ?? .failure(Self.failed(source.url, "it was lost"))
            return result.map { output in
                CompiledSource(javaScript: output.code, mapText: output.map, source: source.text)
            }
        }
    }

    private static func takeBatch(_ jobs: inout ArraySlice<Job>) -> [Job] {
        var batch: [Job] = []
        var size = 0
        while let job = jobs.first, batch.count < largestBatch {
            size += job.input.text.count
            if !batch.isEmpty, size > largestBatchBytes { break }
            batch.append(jobs.removeFirst())
        }
        return batch
    }

    /// esbuild writes nothing where one source is wrong, so the others go again without it. Each round ends a
    /// source or takes one `with` clause out of it.
    private func compile(
        _ batch: [Job], _ sources: [TypeScriptSource], with esbuild: Esbuild
    ) async -> [Int: Result<Esbuild.Output, ModuleError>] {
        var results: [Int: Result<Esbuild.Output, ModuleError>] = [:]
        var queue = [batch]
        while let jobs = queue.popLast() {
            let report = await esbuild.compile(jobs.map(\.input))
            if report.outputs.count == jobs.count {
                for (job, output) in zip(jobs, report.outputs) {
                    cache.store(output, for: job.key)
                    results[job.index] = .success(output)
                }
                continue
            }
            var messages: [Int: Esbuild.Message] = [:]
            for message in report.messages where messages[message.input] == nil { messages[message.input] = message }
            if !messages.keys.contains(where: jobs.indices.contains) {
                if jobs.count == 1, let job = jobs.first {
                    results[job.index] = .failure(Self.failed(sources[job.index].url, report.text))
                } else {
                    queue += jobs.map { [$0] }
                }
                continue
            }
            var again: [Job] = []
            for (number, job) in jobs.enumerated() {
                guard let message = messages[number] else {
                    again.append(job)
                    continue
                }
                if let text = ImportAttributes.rewriting(job.input.text, line: message.line, column: message.column) {
                    var job = job
                    job.input = Esbuild.Input(text: text, dialect: job.input.dialect, settings: job.input.settings)
                    again.append(job)
                } else {
                    results[job.index] = .failure(Self.error(message, in: sources[job.index]))
                }
            }
            if !again.isEmpty { queue.append(again) }
        }
        return results
    }

    private func findProgram() async -> Esbuild? {
        guard let path = Esbuild.find() else { return nil }
        if let known = program.withLock({ $0 }), known.path == path { return known }
        let found = await Esbuild(path: path)
        program.withLock { $0 = found }
        return found
    }

    /// The number changes with the options that every source is compiled with.
    private static func key(_ source: TypeScriptSource, _ settings: String, _ esbuild: Esbuild) -> String {
        "typescript-2-"
            + HexDigest.of([
                source.text, Array(source.dialect.rawValue.utf8), Array(settings.utf8), Array(esbuild.version.utf8),
            ])
    }
}

// MARK: - Errors

extension TypeScriptCompiler {
    private static let missing = ModuleError(
        .compilerMissing,
        "TypeScript and JSX need the program esbuild, which is not installed. "
            + "Install it with `apt-get install esbuild`, or set ROOKERY_ESBUILD to its path")

    private static func failed(_ url: ModuleURL, _ report: String) -> ModuleError {
        let reason = report.split(separator: "\n").first.map(String.init) ?? "esbuild ended without a message"
        return ModuleError(
            .compilerFailed, "\(ModuleError.quote(url.text)) was not compiled: \(ModuleError.shorten(reason))")
    }

    private static func error(_ message: Esbuild.Message, in source: TypeScriptSource) -> ModuleError {
        var column = message.column
        if let range = SourceText.range(ofLine: message.line, in: source.text) {
            let before = source.text[range].prefix(message.column - 1)
            column = String(decoding: before, as: UTF8.self).utf16.count + 1
        }
        return ModuleError(
            .transpileFailed, ModuleError.shorten(message.text, to: 1000),
            at: .init(
                url: source.url.text, line: message.line, column: column,
                sourceLine: SourceText.line(message.line, of: source.text) ?? ""))
    }
}
