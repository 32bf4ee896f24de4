// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import Glibc
internal import HostAPI

/// A private folder with the numbered inputs of one esbuild run, grouped by their settings; removed at the end.
final class TemporaryFolder: Sendable {
    let path: String
    private let names: [String]

    init(_ inputs: [Esbuild.Input]) throws(SystemError) {
        var groups: [String: Int] = [:]
        names = inputs.enumerated().map { index, input in
            let group = groups[input.settings] ?? groups.count
            groups[input.settings] = group
            return "\(group)/\(index).\(input.dialect.rawValue)"
        }
        let parent = SystemPath.environment("TMPDIR").flatMap { $0.utf8.first == UInt8(ascii: "/") ? $0 : nil }
        path = (parent ?? "/tmp") + "/rookery-" + String(UInt64.random(in: .min ... .max), radix: 36)
        // Fails where the name is taken: nobody else can have prepared the folder.
        try SystemPath.makeFolder(path)
        for (settings, group) in groups {
            try SystemPath.makeFolder("\(path)/\(group)")
            try write(Array(settings.utf8), to: "\(group)/tsconfig.json")
        }
        for (name, input) in zip(names, inputs) { try write(Self.withoutMapReference(input.text), to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The name of an input relative to the folder.
    func name(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "" }

    /// What esbuild made of an input.
    func output(_ index: Int) -> Esbuild.Output? {
        let name = name(index)
        guard let dot = name.lastIndex(of: "."), let code = read("out/\(name[..<dot]).js"),
            let map = read("out/\(name[..<dot]).js.map")
        else { return nil }
        return Esbuild.Output(code: code, map: map)
    }

    private func write(_ bytes: [UInt8], to name: String) throws(SystemError) {
        try OpenFile("\(path)/\(name)", O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW).writeAll(bytes)
    }

    /// What a file in the folder says.
    func read(_ name: String) -> [UInt8]? {
        guard let file = try? OpenFile("\(path)/\(name)", O_RDONLY | O_NOFOLLOW), let status = try? file.status() else {
            return nil
        }
        return try? file.readAll(expecting: status.size, limit: 1 << 30)
    }

    /// esbuild opens whatever file a `sourceMappingURL` comment names, even a device. `\x3d` is an equals sign in
    /// strings, templates and regular expressions, and ends the name in a comment.
    private static func withoutMapReference(_ text: [UInt8]) -> [UInt8] {
        let mark = Array("# sourceMappingURL=".utf8)
        var output: [UInt8] = []
        var start = 0
        var index = 0
        while let equals = text[index...].firstIndex(of: UInt8(ascii: "=")) {
            index = equals + 1
            let name = text[..<index].suffix(mark.count)
            guard name.count == mark.count, name.dropFirst().elementsEqual(mark.dropFirst()) else { continue }
            output += text[start..<equals]
            output += "\\x3d".utf8
            start = index
        }
        return start == 0 ? text : output + text[start...]
    }
}
