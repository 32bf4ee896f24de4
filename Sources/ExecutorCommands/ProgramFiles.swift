// SPDX-License-Identifier: Apache-2.0
internal import WorkerRuntime

/// The files that a command line names, all checked before anything runs.
struct ProgramFiles {
    let entry: ModuleKey
    let preloads: [Program.Preload]
    private let folders: ModuleFolders
    private let importMap: ImportMap
    private let given: [ModuleURL: [UInt8]]

    init(_ options: Run) throws {
        let url: ModuleURL
        var roots: [String] = []
        if options.file == "-" {
            let folder = try OperatorFile.workingFolder()
            guard let stdin = ModuleURL(filePath: folder.path + "/[stdin]") else {
                throw CommandEnded(.wrongUsage, "the working folder's path cannot be a module's URL")
            }
            url = stdin
            given = [url: try OperatorFile.standardInput()]
            roots.append(folder.path)
        } else {
            let file = try OperatorFile(options.file)
            try file.requireReadable()
            url = try file.url()
            given = [:]
            roots.append(file.folder)
        }
        guard let kind = try? ModuleKind(of: url) else {
            throw CommandEnded(
                .wrongUsage, "\(options.file): is no program. Give an ES module: .js .mjs .ts .mts .jsx .tsx")
        }
        entry = ModuleKey(url: url, kind: kind)
        for name in options.modules.allowImport {
            let folder = try OperatorFile(name)
            try folder.requireFolder()
            roots.append(folder.path)
        }
        preloads = try options.modules.preload.map { name in
            let file = try OperatorFile(name)
            // What import() in a preloaded script starts from.
            roots.append(file.folder)
            return .init(url: try file.url(), source: try file.read())
        }
        do throws(ModuleError) {
            folders = try ModuleFolders(roots)
        } catch {
            throw CommandEnded(.wrongUsage, error.message)
        }
        importMap = try Self.importMap(options.modules.importMap)
    }

    func loader(cache: CacheFolder) -> FileModuleLoader {
        FileModuleLoader(
            folders: folders, importMap: importMap,
            compiler: TypeScriptCompiler(folders: folders, store: cache.store), given: given)
    }

    private static func importMap(_ options: [String]) throws -> ImportMap {
        guard let name = try Numbers.single(options, "--import-map") else { return ImportMap() }
        let file = try OperatorFile(name)
        let text = try file.read()
        let base = try file.url()
        do throws(ImportMapError) {
            let map = try ImportMap(json: text, base: base)
            for warning in map.warnings { StandardError.write("rookery: \(name): \(warning)\n") }
            return map
        } catch {
            let place = error.line.map { ":\($0):\(error.column ?? 1)" } ?? ""
            throw CommandEnded(.wrongUsage, "\(name)\(place): \(error.message)")
        }
    }
}
