// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// Loads modules from files inside allowed folders, from `data:` URLs, and Rookery's own.
package struct FileModuleLoader: ModuleLoader {
    private let folders: ModuleFolders
    private let importMap: ImportMap
    private let compiler: TypeScriptCompiler
    /// Sources that are no files, such as standard input's.
    private let given: [ModuleURL: [UInt8]]

    package init(
        folders: ModuleFolders, importMap: ImportMap = ImportMap(), compiler: TypeScriptCompiler,
        given: [ModuleURL: [UInt8]] = [:]
    ) {
        self.folders = folders
        self.importMap = importMap
        self.compiler = compiler
        self.given = given
    }

    package func url(of specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL {
        let url = try importMap.resolve(specifier, from: referrer)
        return url.scheme == "file" ? folders.existingTypeScript(for: url, importedFrom: referrer) : url
    }

    package func resolve(
        _ specifier: String, attributes: [String: String], from referrer: ModuleURL
    ) throws(ModuleError) -> ModuleKey {
        let url = try url(of: specifier, from: referrer)
        try url.requireSupportedScheme()
        let mimeType = url.scheme == "data" ? try DataURL(url).mimeType : nil
        let list = attributes.sorted { $0.key < $1.key }.map { ImportAttribute(key: $0.key, value: $0.value) }
        return ModuleKey(url: url, kind: try ModuleKind(of: url, attributes: list, mimeType: mimeType))
    }

    package func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>] {
        var answers: [Result<LoadedModule, ModuleError>?] = Array(repeating: nil, count: keys.count)
        var toCompile: [(index: Int, source: TypeScriptSource)] = []
        for (index, key) in keys.enumerated() {
            do throws(ModuleError) {
                if key.url.scheme == "rookery", let export = Self.values[key.url.path] {
                    answers[index] = .success(.value(.prelude(export)))
                    continue
                }
                let bytes = try read(key.url)
                switch key.kind {
                case .javaScript: answers[index] = .success(.source(Self.text(bytes), map: nil))
                case .json: answers[index] = .success(.value(.json(Self.text(bytes))))
                case .text:
                    answers[index] = .success(.value(.string(String(decoding: Self.text(bytes), as: UTF8.self))))
                case .bytes: answers[index] = .success(.value(.bytes(bytes)))
                case .typeScript(let dialect):
                    toCompile.append((index, TypeScriptSource(url: key.url, text: Self.text(bytes), dialect: dialect)))
                }
            } catch {
                answers[index] = .failure(error)
            }
        }
        let compiled = toCompile.isEmpty ? [] : await compiler.compile(toCompile.map(\.source))
        for ((index, _), result) in zip(toCompile, compiled) {
            answers[index] = result.map { .source($0.javaScript, map: $0.map) }
        }
        return zip(keys, answers).map { key, answer in
            answer ?? .failure(ModuleError(.readFailed, "\(key.url.text) was not compiled"))
        }
    }

    private func read(_ url: ModuleURL) throws(ModuleError) -> [UInt8] {
        if let source = given[url] { return source }
        switch url.scheme {
        case "file": return try folders.read(url).bytes
        case "data": return try DataURL(url).bytes
        case "rookery":
            guard let source = Self.builtIn[url.path] else { throw .notFound(url.text, from: nil) }
            return Array(source.utf8)
        default: throw .unsupportedScheme(url)
        }
    }

    /// Rookery's own modules, by what follows `rookery:`.
    private static let builtIn = [
        "process": "export const { argv, env } = process; export const args = argv.slice(2); export default process;"
    ]

    /// The others: functions of the prelude that return their default exports.
    private static let values = ["env": "makeEnv", "files": "filesModule"]

    /// Without a byte order mark.
    private static func text(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
}
