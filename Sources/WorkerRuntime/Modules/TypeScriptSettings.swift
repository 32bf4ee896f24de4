// SPDX-License-Identifier: Apache-2.0

/// The parts of a `tsconfig.json` that decide what JavaScript a module becomes.
struct TypeScriptSettings: Hashable, Sendable {
    private var options: [String: JSONValue] = [:]

    /// Without a `tsconfig.json`.
    static let standard = TypeScriptSettings()

    private static let words = ["jsx", "jsxFactory", "jsxFragmentFactory", "jsxImportSource", "target"]
    private static let switches = [
        "useDefineForClassFields", "experimentalDecorators", "verbatimModuleSyntax", "preserveValueImports",
    ]

    /// Takes over what the options of another file say.
    fileprivate mutating func merge(_ compilerOptions: JSONValue) {
        for key in Self.words {
            if case .string? = compilerOptions[key] { options[key] = compilerOptions[key] }
        }
        for key in Self.switches {
            if case .bool? = compilerOptions[key] { options[key] = compilerOptions[key] }
        }
    }

    /// A `tsconfig.json` for esbuild; the same settings give the same text.
    var json: String {
        var options = options
        // JSX that is left as it is would not run, and the development form names files of this machine.
        if let jsx = options["jsx"]?.string, ["preserve", "react-native", "react-jsxdev"].contains(jsx) {
            options["jsx"] = .string("react-jsx")
        }
        // What esbuild 0.17 calls it.
        if options.removeValue(forKey: "verbatimModuleSyntax") == .bool(true) {
            options["preserveValueImports"] = .bool(true)
            options["importsNotUsedAsValues"] = .string("preserve")
        }
        let members = options.sorted { $0.key < $1.key }.map { key, value in
            JSONText.quoted(key) + ":" + (value.string.map(JSONText.quoted) ?? (value.bool == true ? "true" : "false"))
        }
        return "{\"compilerOptions\":{\(members.joined(separator: ","))}}"
    }
}

/// Finds the settings of modules: those of the nearest `tsconfig.json` above each, inside the allowed folders.
struct TypeScriptSettingsFinder {
    private let folders: ModuleFolders
    private var known: [String: Result<TypeScriptSettings, ModuleError>] = [:]

    /// So many files may extend each other, and so many folders may lie above a module.
    private static let longestChain = 16
    private static let deepestFolder = 128

    init(_ folders: ModuleFolders) {
        self.folders = folders
    }

    /// Fails where a `tsconfig.json` is not JSON with comments or may not be read.
    mutating func settings(for url: ModuleURL) throws(ModuleError) -> TypeScriptSettings {
        guard url.scheme == "file", let folder = url.resolving(".") else { return .standard }
        return try settings(in: folder, depth: 0).get()
    }

    private mutating func settings(in folder: ModuleURL, depth: Int) -> Result<TypeScriptSettings, ModuleError> {
        if let settings = known[folder.path] { return settings }
        guard depth < Self.deepestFolder, let path = folder.filePath, folders.contains(path: path) else {
            return .success(.standard)
        }
        let result: Result<TypeScriptSettings, ModuleError>
        do throws(ModuleError) {
            if let file = folder.resolving("tsconfig.json"), let settings = try read(file, chain: 0) {
                result = .success(settings)
            } else if let parent = folder.resolving(".."), parent != folder {
                result = settings(in: parent, depth: depth + 1)
            } else {
                result = .success(.standard)
            }
        } catch {
            result = .failure(error)
        }
        known[folder.path] = result
        return result
    }

    private func read(_ file: ModuleURL, chain: Int) throws(ModuleError) -> TypeScriptSettings? {
        let bytes: [UInt8]
        do throws(ModuleError) {
            bytes = try folders.read(file).bytes
        } catch  where error.kind == .notFound || error.kind == .outsideFolders {
            return nil
        }
        let value: JSONValue
        do {
            value = try JSONText.parse(bytes, relaxed: true)
        } catch {
            throw ModuleError(
                .badConfiguration, "\(file.text) is not valid: \(error.message)",
                at: .init(
                    url: file.text, line: error.line, column: error.column,
                    sourceLine: SourceText.line(error.line, of: bytes) ?? ""))
        }
        var settings = TypeScriptSettings.standard
        if chain < Self.longestChain {
            for name in Self.extended(value) {
                guard let base = file.resolving(name) else { continue }
                let withExtension = base.pathExtension == "json" ? base : base.replacingPath(base.path + ".json")
                if let inherited = try read(withExtension, chain: chain + 1) { settings.merge(inherited) }
            }
        }
        if let options = value["compilerOptions"] { settings.merge(options) }
        return settings
    }

    /// The relative files a configuration extends, the last being the strongest; packages are not looked for.
    private static func extended(_ configuration: JSONValue) -> [String] {
        let names =
            switch configuration["extends"] {
            case .string(let name): [name]
            case .array(let list): list.compactMap(\.string)
            default: [String]()
            }
        return Array(names.filter(ModuleURL.isRelativeSpecifier).prefix(8))
    }
}

extension TypeScriptSettings {
    /// Takes over what other settings say.
    fileprivate mutating func merge(_ other: TypeScriptSettings) {
        options.merge(other.options) { _, new in new }
    }
}
