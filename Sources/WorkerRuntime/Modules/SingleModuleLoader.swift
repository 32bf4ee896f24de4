// SPDX-License-Identifier: Apache-2.0

/// Loads one module that is no file, which may import Rookery's own modules and `data:` URLs only.
package struct SingleModuleLoader: ModuleLoader {
    private let entry: ModuleURL
    private let files: FileModuleLoader

    /// - Parameter compiler: one that looks for settings in no folder.
    package init(_ entry: ModuleURL, source: [UInt8], compiler: TypeScriptCompiler) throws(ModuleError) {
        self.entry = entry
        files = FileModuleLoader(folders: try ModuleFolders([]), compiler: compiler, given: [entry: source])
    }

    /// A compiler of sources that belong to no folder.
    package static func makeCompiler(store: ContentStore?) throws(ModuleError) -> TypeScriptCompiler {
        TypeScriptCompiler(folders: try ModuleFolders([]), store: store)
    }

    package func url(of specifier: String, from referrer: ModuleURL) throws(ModuleError) -> ModuleURL {
        let url = try files.url(of: specifier, from: referrer)
        guard url == entry || url.scheme == "data" || url.scheme == "rookery" else {
            throw ModuleError(
                .outsideFolders,
                "Cannot import \(ModuleError.quote(specifier)): a module that is run by itself imports rookery: and data: "
                    + "URLs only. Bundle what it needs")
        }
        return url
    }

    package func resolve(
        _ specifier: String, attributes: [String: String], from referrer: ModuleURL
    ) throws(ModuleError) -> ModuleKey {
        _ = try url(of: specifier, from: referrer)
        return try files.resolve(specifier, attributes: attributes, from: referrer)
    }

    package func load(_ keys: [ModuleKey]) async -> [Result<LoadedModule, ModuleError>] { await files.load(keys) }
}
