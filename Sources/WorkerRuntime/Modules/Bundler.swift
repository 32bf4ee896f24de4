// SPDX-License-Identifier: Apache-2.0
internal import HostAPI

/// Makes one module of a worker's modules and the packages that they import, with the `esbuild` program.
package struct Bundler: Sendable {
    /// What `process.env.NODE_ENV` is in the sources.
    package enum Purpose: String, Sendable {
        case production
        case development
    }

    private let esbuild: Esbuild
    private let purpose: Purpose

    /// - Throws: where the program is not installed.
    package init(for purpose: Purpose) async throws(BundleFaults) {
        guard let path = Esbuild.find() else {
            throw BundleFaults([
                BundleFault("Bundling needs esbuild: install it, or name it with ROOKERY_ESBUILD=/path/to/esbuild")
            ])
        }
        guard let esbuild = await Esbuild(path: path) else {
            throw BundleFaults([BundleFault("\(path) does not say its version: it is not esbuild")])
        }
        self.esbuild = esbuild
        self.purpose = purpose
    }

    /// V8 10.2 is Chrome 102's. Packages are taken in the form for workers, then in that for browsers; `worker:` and
    /// `rookery:` modules are the host's.
    private var options: [String] {
        [
            "--bundle", "--format=esm", "--platform=browser", "--target=chrome102", "--charset=utf8",
            "--conditions=rookery,workerd,worker", "--main-fields=browser,module,main", "--external:worker:*",
            "--external:rookery:*", "--define:process.env.NODE_ENV=\"\(purpose.rawValue)\"", "--loader:.html=text",
            "--loader:.sql=text", "--loader:.md=text", "--loader:.bin=binary", "--loader:.wasm=binary",
            "--sourcemap=external", "--sources-content=false", "--color=false", "--log-level=warning",
            "--log-limit=0",
        ]
    }

    /// Bundles an entry.
    /// - Parameters:
    ///   - entry: a path relative to `folder`.
    ///   - folder: the project's: absolute, without symbolic links.
    package func bundle(_ entry: String, in folder: String) async throws(BundleFaults) -> Bundle {
        guard let output = try? TemporaryFolder([]) else {
            throw BundleFaults([BundleFault("cannot write to the folder for temporary files")])
        }
        var mirror: BundleMirror?
        var loaders = Set<String>()
        while true {
            let base = mirror?.folder ?? folder
            let places = ["--outfile=\(output.path)/\(Bundle.moduleName)", "--metafile=\(output.path)/meta.json"]
            // A name that begins with a dash would be an option.
            let report = try await run(
                options + jsx(entry, folder) + loaders.sorted() + places + ["./" + entry], in: base)
            guard !report.errors.isEmpty else {
                return try bundle(from: output, base: base, folder, warnings: report.warnings)
            }
            // What later versions of esbuild do by themselves.
            if mirror == nil, report.errors.contains(where: BundleMirror.helps) { mirror = BundleMirror(of: folder) }
            let wasRewritten = mirror?.rewrite(report.errors) ?? false
            let known = loaders.count
            loaders.formUnion(report.errors.compactMap { loader($0, in: folder) })
            guard wasRewritten || loaders.count > known else {
                throw BundleFaults(report.errors.map { fault($0, in: folder) })
            }
        }
    }

    /// JSX that a `tsconfig.json` wants left as it is would not run.
    private func jsx(_ entry: String, _ folder: String) -> [String] {
        guard let folders = try? ModuleFolders([folder]),
            let url = ModuleURL(filePath: PathText.absolute(entry, in: folder))
        else { return [] }
        var finder = TypeScriptSettingsFinder(folders)
        let settings = try? finder.settings(for: url)
        return settings?.json.contains(#""jsx":"react-jsx""#) == true ? ["--jsx=automatic"] : []
    }

    /// The option for a kind of files that an import says the type of.
    private func loader(_ message: EsbuildReport.Message, in folder: String) -> String? {
        let quoted = message.text.split(separator: "\"", omittingEmptySubsequences: false)
        guard message.text.hasPrefix("No loader is configured for \"."), quoted.count >= 3,
            let line = fault(message, in: folder).sourceLine, case let words = line.split(separator: " ").joined()
        else { return nil }
        for (type, loader) in [("text", "text"), ("bytes", "binary"), ("json", "json")] {
            guard words.contains("type:\"\(type)\"") || words.contains("type:'\(type)'") else { continue }
            return "--loader:\(quoted[1])=\(loader)"
        }
        return nil
    }

    private func run(_ arguments: [String], in folder: String) async throws(BundleFaults) -> EsbuildReport {
        guard let result = await Esbuild.run(esbuild.path, arguments, in: folder) else {
            throw BundleFaults([BundleFault("esbuild did not start, or did not end within \(Esbuild.deadline)")])
        }
        let text = String(decoding: result.error, as: UTF8.self)
        let report = EsbuildReport(text)
        guard result.isSuccess || !report.errors.isEmpty else {
            throw BundleFaults([BundleFault("esbuild \(esbuild.version) failed: \(text)")])
        }
        return report
    }

    /// - Parameters:
    ///   - base: where esbuild ran, to which its names are relative: the folder, or its mirror.
    private func bundle(
        from output: TemporaryFolder, base: String, _ folder: String, warnings: [EsbuildReport.Message]
    ) throws(BundleFaults) -> Bundle {
        guard let code = output.read(Bundle.moduleName), let map = output.read(Bundle.mapName),
            let meta = output.read("meta.json").flatMap({ try? JSONText.parse($0) })
        else { throw BundleFaults([BundleFault("esbuild \(esbuild.version) wrote no output")]) }
        var inputs: [String] = []
        if case .object(let members)? = meta["inputs"] {
            inputs = members.map(\.key).filter { !$0.hasPrefix("(disabled):") }
                .map { PathText.absolute(PathText.absolute($0, in: base), moved: base, to: folder) }
        }
        return Bundle(
            code: code, map: Self.renamed(map, from: output.path, base: base, folder), inputs: inputs,
            warnings: warnings.map { fault($0, in: folder) })
    }

    /// The map with names of sources relative to the project's folder. They are relative to the output's at first.
    private static func renamed(_ map: [UInt8], from output: String, base: String, _ folder: String) -> [UInt8] {
        guard let json = try? JSONText.parse(map), let mappings = json["mappings"]?.string else { return map }
        let sources = (json["sources"]?.array ?? []).map { source in
            let path = PathText.absolute(source.string ?? "", in: output)
            return JSONText.quoted(PathText.relative(PathText.absolute(path, moved: base, to: folder), to: folder))
        }
        let names = (json["names"]?.array ?? []).map { JSONText.quoted($0.string ?? "") }
        let text =
            #"{"version":3,"sources":["# + sources.joined(separator: ",") + #"],"names":["#
            + names.joined(separator: ",") + #"],"mappings":"# + JSONText.quoted(mappings) + "}"
        return Array(text.utf8)
    }

    // MARK: - Messages

    private func fault(_ message: EsbuildReport.Message, in folder: String) -> BundleFault {
        var fault = BundleFault(words(message))
        guard message.line > 0 else { return fault }
        fault.file = message.file
        fault.line = message.line
        fault.column = message.column
        guard let text = TextFile.read(PathText.absolute(message.file, in: folder)),
            let range = SourceText.range(ofLine: message.line, in: text)
        else { return fault }
        fault.sourceLine = SourceText.line(message.line, of: text)
        fault.column = String(decoding: text[range].prefix(message.column - 1), as: UTF8.self).utf16.count + 1
        return fault
    }

    private func words(_ message: EsbuildReport.Message) -> String {
        let wanted = message.text.split(separator: "\"", omittingEmptySubsequences: false)
        guard message.text.hasPrefix("Could not resolve \""), wanted.count == 3 else {
            let isWith = BundleMirror.helps(message)
            return message.text
                + (isWith ? ". esbuild \(esbuild.version) does not know `with`: from 0.19.7 on it does" : "")
        }
        let name = wanted[1]
        if name.hasPrefix("node:") || message.notes.contains(where: { $0.contains("built into node") }) {
            return "Cannot import \"\(name)\": it is part of Node.js, which workers do not have. Use a package that is "
                + "made for browsers or workers, or the web's own functions"
        }
        let isPackage = !name.hasPrefix(".") && !name.hasPrefix("/")
        return "Cannot find \"\(name)\"" + (isPackage ? ": is the package installed?" : "")
    }
}
