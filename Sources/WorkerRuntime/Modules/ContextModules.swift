// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// The modules of a context and what its scripts ask about them: `import()`, `import.meta`, the places in stacks.
///
/// Lives on the isolate's thread.
final class ContextModules: ModuleHost {
    let graph: ModuleGraph
    private let main: String
    private var imports: [DynamicImport] = []

    /// - Parameter main: the URL of the entry.
    init(_ graph: ModuleGraph, main: String) {
        self.graph = graph
        self.main = main
    }

    /// Answers the calls of `import()` that were made, and those that these lead to. Inside a turn.
    func serveImports(_ runMicrotasks: () throws(ScriptError) -> Void) throws(ScriptError) {
        while !imports.isEmpty {
            let batch = imports
            imports = []
            for request in batch { try graph.importDynamically(request) }
            try runMicrotasks()
        }
    }

    func importDynamically(_ request: DynamicImport) { imports.append(request) }

    func importMeta(of url: String) -> ImportMeta {
        let path = ModuleURL(url)?.filePath
        let folder = path.map { path in path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex) }
        return ImportMeta(
            isMain: url == main, filename: path, dirname: folder.map { $0.isEmpty ? "/" : String($0) })
    }

    func resolve(_ specifier: String, from referrer: String) throws(HostException) -> String {
        do throws(ModuleError) {
            return try graph.url(of: specifier, from: referrer).text
        } catch {
            throw HostException(error)
        }
    }

    func rewriteStack(_ stack: String) -> String { graph.sourceMaps.rewrite(stack: stack) }
}
