// SPDX-License-Identifier: Apache-2.0
internal import Isolates

/// What all loaders do: which key an import has, and what becomes of a module's bytes, wherever they come from.
enum ModuleContents {
    /// Makes modules of what `read` brings, in the order of the keys. What `data:` and `rookery:` name is found here.
    static func load(
        _ keys: [ModuleKey], compiler: TypeScriptCompiler, read: (ModuleURL) throws(ModuleError) -> [UInt8]
    ) async -> [Result<LoadedModule, ModuleError>] {
        var answers: [Result<LoadedModule, ModuleError>?] = Array(repeating: nil, count: keys.count)
        var toCompile: [(index: Int, source: TypeScriptSource)] = []
        for (index, key) in keys.enumerated() {
            do throws(ModuleError) {
                if let value = BuiltInModules.value(key.url) {
                    answers[index] = .success(value)
                    continue
                }
                let bytes = try Self.read(key.url, elsewhere: read)
                if case .typeScript(let dialect) = key.kind {
                    let text = SourceText.withoutByteOrderMark(bytes)
                    toCompile.append((index, TypeScriptSource(url: key.url, text: text, dialect: dialect)))
                } else {
                    answers[index] = .success(LoadedModule(bytes, of: key.kind))
                }
            } catch {
                answers[index] = .failure(error)
            }
        }
        let compiled = toCompile.isEmpty ? [] : await compiler.compile(toCompile.map(\.source))
        for ((index, _), result) in zip(toCompile, compiled) { answers[index] = result.map { LoadedModule($0) } }
        return zip(keys, answers).map { key, answer in
            answer ?? .failure(ModuleError(.readFailed, "\(key.url.text) was not compiled"))
        }
    }

    private static func read(
        _ url: ModuleURL, elsewhere: (ModuleURL) throws(ModuleError) -> [UInt8]
    ) throws(ModuleError) -> [UInt8] {
        switch url.scheme {
        case "data": return try DataURL(url).bytes
        case "rookery": return try BuiltInModules.source(url)
        default: return try elsewhere(url)
        }
    }
}

extension ModuleKey {
    /// The key of an import of a URL with these attributes.
    init(importing url: ModuleURL, attributes: [String: String]) throws(ModuleError) {
        try url.requireSupportedScheme()
        let mimeType = url.scheme == "data" ? try DataURL(url).mimeType : nil
        let list = attributes.sorted { $0.key < $1.key }.map { ImportAttribute(key: $0.key, value: $0.value) }
        self.init(url: url, kind: try ModuleKind(of: url, attributes: list, mimeType: mimeType))
    }
}

extension LoadedModule {
    /// Of a kind that is not compiled first.
    init(_ bytes: [UInt8], of kind: ModuleKind) {
        let text = kind == .bytes ? bytes : SourceText.withoutByteOrderMark(bytes)
        switch kind {
        case .javaScript, .typeScript: self = JavaScriptText(text).module
        case .json: self = .value(.json(text))
        case .text: self = .value(.string(String(decoding: text, as: UTF8.self)))
        case .bytes: self = .value(.bytes(bytes))
        }
    }

    init(_ compiled: CompiledSource) { self = .source(compiled.javaScript, map: compiled.map) }
}

/// JavaScript, perhaps with a source map in its last line, as bundlers leave it.
struct JavaScriptText: Sendable {
    private let bytes: [UInt8]
    /// Where the line of the map begins, and the text ends for an engine.
    private let end: Int
    private let map: SourceMap?

    /// Without a byte order mark.
    /// - Parameter isKept: whether it stays for many isolates, so that its map is decoded once, aside.
    init(_ bytes: [UInt8], isKept: Bool = false) {
        self.bytes = bytes
        let place = Self.inlineMap(in: bytes)
        end = place?.line ?? bytes.count
        map = place.map { SourceMap(base64: Array(bytes[$0.data]), aside: isKept) }
    }

    /// Without the line of the map: it may be longer than the code, and would count as the script's memory.
    var module: LoadedModule { .source(end == bytes.count ? bytes : Array(bytes[..<end]), map: map) }

    private static let mark = Array("//# sourceMappingURL=data:application/json;".utf8)

    /// `//# sourceMappingURL=data:application/json;base64,…` and nothing but white space behind it.
    private static func inlineMap(in bytes: [UInt8]) -> (line: Int, data: Range<Int>)? {
        guard let last = bytes.lastIndex(where: { $0 > 0x20 }) else { return nil }
        let line = bytes[...last].lastIndex { $0 == 10 || $0 == 13 }.map { $0 + 1 } ?? 0
        guard bytes[line...last].starts(with: mark), let comma = bytes[line...last].firstIndex(of: UInt8(ascii: ","))
        else { return nil }
        let parameters = bytes[(line + mark.count - 1)..<comma]
        let data = (comma + 1)..<(last + 1)
        guard parameters.suffix(7).elementsEqual(";base64".utf8),
            // What ends a string, template or comment is no base64: the line is none of these.
            bytes[data].allSatisfy({ Base64.value(of: $0) != nil || $0 == UInt8(ascii: "=") })
        else { return nil }
        return (line, data)
    }
}
