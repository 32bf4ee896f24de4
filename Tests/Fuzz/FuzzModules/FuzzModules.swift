// SPDX-License-Identifier: Apache-2.0
import Isolates
import WorkerRuntime

/// libFuzzer's target: what a script's author and a program's user may write about modules. The first byte of an
/// input chooses what the rest is read as; a property that does not hold stops the process, as a trap does.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModules(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = unsafe Array(UnsafeBufferPointer(start: start, count: count))
    guard let choice = input.first else { return -1 }
    let rest = Array(input.dropFirst())
    switch choice {
    case UInt8(ascii: "m"): importMap(rest)
    case UInt8(ascii: "u"): moduleURL(rest)
    case UInt8(ascii: "d"): dataURL(rest)
    case UInt8(ascii: "s"): sourceMap(rest)
    case UInt8(ascii: "c"): moduleSource(rest)
    // Not worth keeping.
    default: return -1
    }
    return 0
}

/// SwiftPM starts every program here, so libFuzzer's own `main` is not reached.
@_cdecl("FuzzModules_main")
public func start(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var count = count
    var arguments = unsafe arguments
    return unsafe runFuzzer(&count, &arguments, fuzzModules)
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ target: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

private let base = module("file:///app/main.mjs")

private func module(_ text: String) -> ModuleURL {
    guard let url = ModuleURL(text) else { preconditionFailure("\(text) is a URL") }
    return url
}

/// Lines of specifiers, an empty line, and the map they are resolved in.
private func importMap(_ bytes: [UInt8]) {
    let end = bytes.indices.first { bytes[$0...].starts(with: [10, 10]) } ?? bytes.endIndex
    guard let map = try? ImportMap(json: bytes[min(end + 2, bytes.endIndex)...], base: base) else { return }
    for line in bytes[..<end].split(separator: 10) {
        let specifier = String(decoding: line, as: UTF8.self)
        for referrer in [base, module("file:///app/scope/x.mjs"), module("data:text/javascript,1")] {
            guard let url = try? map.resolve(specifier, from: referrer) else { continue }
            precondition(ModuleURL(url.text) == url, "what a specifier resolves to is a URL")
            precondition((try? map.resolve(specifier, from: referrer)) == url, "the same question has the same answer")
        }
    }
}

/// Two lines: a URL, and a reference that is resolved against it.
private func moduleURL(_ bytes: [UInt8]) {
    let lines = bytes.split(separator: 10, maxSplits: 1, omittingEmptySubsequences: false)
    let reference = lines.count > 1 ? String(decoding: lines[1], as: UTF8.self) : ""
    let absolute = ModuleURL(String(decoding: lines[0], as: UTF8.self))
    for url in [absolute, (absolute ?? base).resolving(reference), base.resolving(specifier: reference)] {
        guard let url else { continue }
        precondition(ModuleURL(url.text) == url, "serialising and parsing again changes nothing")
        precondition(url.text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } || !url.isSpecial, "special URLs are ASCII")
        _ = url.pathExtension
        guard let path = url.filePath else { continue }
        precondition(path.utf8.first == UInt8(ascii: "/") && !path.utf8.contains(0), "a file's path is absolute")
        let parts = path.utf8.split(separator: UInt8(ascii: "/"))
        precondition(!parts.contains { $0.elementsEqual("..".utf8) }, "a file's path has no dots")
        precondition(ModuleURL(filePath: path)?.filePath == path, "a path's URL names the path")
    }
    if let url = ModuleURL(filePath: String(decoding: lines[0], as: UTF8.self)) {
        precondition(ModuleURL(url.text) == url, "a path's URL is a URL")
    }
}

/// All of a data: URL behind its scheme.
private func dataURL(_ bytes: [UInt8]) {
    guard let url = ModuleURL("data:" + String(decoding: bytes, as: UTF8.self)) else { return }
    precondition(ModuleURL(url.text) == url, "serialising and parsing again changes nothing")
    guard let data = try? DataURL(url) else { return }
    precondition(data.mimeType.lowercased() == data.mimeType, "types are in lower case")
    _ = try? ModuleKind(of: url, mimeType: data.mimeType)
}

/// Two numbers of a byte each, and a source map.
private func sourceMap(_ bytes: [UInt8]) {
    guard bytes.count >= 2 else { return }
    let map = SourceMap(json: Array(bytes.dropFirst(2)), contents: [])
    let line = Int(bytes[0])
    let column = Int(bytes[1])
    for (line, column) in [(line, column), (1, 1), (0, 0), (Int.max, Int.max), (Int.min, Int.min)] {
        guard let place = map.originalPosition(line: line, column: column) else { continue }
        precondition(place.line > 0 && place.column > 0, "places count from 1")
        precondition(map.sources.indices.contains(place.source), "places are in a source of the map")
        _ = map.sourceLine(at: place)
    }
    let stack = "Error: x\n    at f (file:///a.ts:\(line):\(column))\n    at file:///a.ts:1:1\n    at async eval (\n"
    let mapper = StackMapper(maps: ["file:///a.ts": map])
    let lines = mapper.rewrite(stack).split(separator: "\n", omittingEmptySubsequences: false)
    precondition(lines.count >= 5, "a stack keeps its frames")
    _ = mapper.rewrite(String(decoding: bytes, as: UTF8.self))
}

/// The source of a module, compiled in an isolate that all inputs share.
private func moduleSource(_ bytes: [UInt8]) {
    for (line, column) in [(1, 1), (bytes.count, 1), (1, bytes.count)] {
        guard let rewritten = ImportAttributes.rewriting(bytes, line: line, column: column) else { continue }
        precondition(rewritten.count >= bytes.count, "an attributes clause loses nothing")
    }
    unsafe compiler.compile(bytes)
}

// libFuzzer calls on one thread.
nonisolated(unsafe) private var compiler = Compiler()

private struct Compiler: ~Copyable {
    private let engine: Engine
    private var isolate: Isolate
    private var uses = 0

    init() {
        do {
            engine = try Engine()
            isolate = try Self.makeIsolate(engine)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func makeIsolate(_ engine: Engine) throws -> Isolate {
        try Isolate(engine, .init(heapLimit: 64 << 20))
    }

    mutating func compile(_ source: [UInt8]) {
        uses += 1
        // What V8 keeps of each source should not add up to the limit.
        if uses % 10_000 == 0, let fresh = try? Self.makeIsolate(engine) { isolate = fresh }
        do throws(ScriptError) {
            let context = try isolate.makeContext(bare: true)
            defer { context.release() }
            let (result, _) = isolate.turn(.init(cpu: .seconds(1))) { () throws(ScriptError) in
                let module = try context.compile(source, url: base.text).module
                for request in module.requests {
                    precondition(request.line > 0 && request.column > 0, "places count from 1")
                    _ = try? ImportMap().resolve(request.specifier, from: base)
                }
                if !module.requests.isEmpty {
                    // Nothing is linked: evaluating must fail, not crash.
                    precondition(!Self.evaluates(module), "an import that is not there was linked")
                }
                if let cache = module.codeCache() { _ = try context.compile(source, url: base.text, cache: cache) }
            }
            if case .failure(.terminated) = result { isolate = try makeAgain() }
        } catch {
            preconditionFailure("\(error)")
        }
    }

    private static func evaluates(_ module: Module) -> Bool {
        do throws(ScriptError) {
            _ = try module.evaluate()
            return true
        } catch {
            return false
        }
    }

    private func makeAgain() throws(ScriptError) -> Isolate {
        do { return try Self.makeIsolate(engine) } catch { throw .missing("\(error)") }
    }
}
