// SPDX-License-Identifier: Apache-2.0

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
        try ModuleKey(importing: url(of: specifier, from: referrer), attributes: attributes)
    }

    package func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>] {
        await ModuleContents.load(keys, compiler: compiler) { url throws(ModuleError) in
            if let source = given[url] { return source }
            guard url.scheme == "file" else { throw .unsupportedScheme(url) }
            return try folders.read(url).bytes
        }
    }
}
