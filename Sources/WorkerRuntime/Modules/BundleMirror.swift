// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import HostAPI

/// A copy of a project's sources in which `with { type: "json" }` can be made `assert { … }`, for an esbuild that knows
/// only that; packages, and what is no source, are links. It lies below copies of the folders above the project, so
/// that relative imports find what they find in the project.
final class BundleMirror: Sendable {
    /// The copy of the project's folder.
    let folder: String
    private let temporary: TemporaryFolder

    /// So many names a project may have.
    private static let mostNames = 20_000
    private static let largestSource = 8 << 20
    private static let sources: Set<String> = ["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"]

    /// Whether a copy may put right what esbuild complains of.
    static func helps(_ message: EsbuildReport.Message) -> Bool {
        message.text.hasSuffix("but found \"with\"") || message.text == "Expected \"(\" but found \"{\""
    }

    /// Nil where the project is too large, or cannot be read.
    init?(of project: String) {
        guard let temporary = try? TemporaryFolder([]) else { return nil }
        self.temporary = temporary
        var copied = temporary.path + "/mirror"
        var original = ""
        var left = Self.mostNames
        do {
            try SystemPath.makeFolder(copied)
            for part in project.split(separator: "/") {
                for name in try Self.names(in: original + "/", &left) where name != part {
                    try Self.link("\(original)/\(name)", at: "\(copied)/\(name)")
                }
                original += "/\(part)"
                copied += "/\(part)"
                try SystemPath.makeFolder(copied)
            }
            try Self.copy(original, to: copied, &left)
        } catch {
            return nil
        }
        folder = copied
    }

    private static func names(in folder: String, _ left: inout Int) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        left -= names.count
        guard left >= 0 else { throw BundleFault("too many names") }
        return names
    }

    private static func link(_ target: String, at path: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    private static func copy(_ folder: String, to target: String, _ left: inout Int) throws {
        for name in try names(in: folder, &left) {
            let (path, copied) = ("\(folder)/\(name)", "\(target)/\(name)")
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let type = attributes[.type] as? FileAttributeType
            if type == .typeDirectory, name != "node_modules", !name.hasPrefix(".") {
                try SystemPath.makeFolder(copied)
                try copy(path, to: copied, &left)
            } else if type == .typeRegular, sources.contains(String(name.split(separator: ".").last ?? "")),
                attributes[.size] as? Int ?? 0 <= largestSource
            {
                try FileManager.default.copyItem(atPath: path, toPath: copied)
            } else {
                try link(path, at: copied)
            }
        }
    }

    /// Rewrites the clauses that esbuild stopped at, one in each file; false where there is none that is known.
    func rewrite(_ messages: [EsbuildReport.Message]) -> Bool {
        var files = Set<String>()
        for message in messages where Self.helps(message) && !files.contains(message.file) {
            let path = PathText.absolute(message.file, in: folder)
            // Nothing but the copy is written to.
            guard path.hasPrefix(folder + "/"), let status = try? FileManager.default.attributesOfItem(atPath: path),
                status[.type] as? FileAttributeType == .typeRegular, let text = TextFile.read(path),
                let rewritten = ImportAttributes.rewriting(text, line: message.line, column: message.column),
                (try? Data(rewritten).write(to: URL(filePath: path))) != nil
            else { continue }
            files.insert(message.file)
        }
        return !files.isEmpty
    }
}
