// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
package struct ModuleFolders: Sendable {
    package init(_ folders: [String]) throws(ModuleError) {}
    package func existingTypeScript(for url: ModuleURL, importedFrom referrer: ModuleURL) -> ModuleURL { url }
    package func read(_ url: ModuleURL) throws(ModuleError) -> (bytes: [UInt8], path: String) {
        guard let path = url.filePath, let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else { throw .notFound(url.text, from: nil) }
        return ([UInt8](data), path)
    }
}
package struct TypeScriptSource: Sendable { let url: ModuleURL; let text: [UInt8]; let dialect: TypeScriptDialect }
package struct CompiledSource: Sendable { let javaScript: [UInt8]; let map: SourceMap? }
package struct TypeScriptCompiler: Sendable {
    package init(folders: ModuleFolders, store: ContentStore?) {}
    package func compile(_ s: [TypeScriptSource]) async -> [Result<CompiledSource, ModuleError>] { s.map { .success(.init(javaScript: $0.text, map: nil)) } }
}
package struct SourcePlace { let line: Int; let column: Int }
package struct SourceMap: Sendable {
    func originalPosition(line: Int, column: Int) -> SourcePlace? { nil }
    func sourceLine(at: SourcePlace) -> String? { nil }
}
package struct StackMapper { init(maps: [String: SourceMap]) {}; func rewrite(_ s: String) -> String { s } }
package final class ContentStore: Sendable {
    package init?(folder: String) {}
    package func value(for key: String) -> [UInt8]? { nil }
    package func store(_ v: [UInt8], for key: String) {}
}
