// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Subprocess
import Testing

/// A program with the output it must have: a folder of `Tests/Fixtures`.
///
/// It holds `main.js`, `.mjs`, `.ts`, `.mts`, `.tsx` or `.jsx`, which runs with the folder as working folder, and
/// - `expected.txt`: standard output, to the byte,
/// - `expected-stderr.txt`, if any: standard error, with the folder's path replaced by `/FIXTURE`,
/// - `options`, if any: arguments of `rookery run`, one a line, put before the file; those after a line `--` go
///   after it,
/// - `status`, if any: the exit status, else 0.
struct Fixture: Sendable, CustomTestStringConvertible {
    let name: String
    let path: String
    let main: String?
    /// Whether a module of it is compiled by esbuild.
    let needsEsbuild: Bool

    var testDescription: String { name }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").resolvingSymlinksInPath()

    static let all: [Fixture] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        return names.sorted().filter { !$0.hasPrefix(".") }.map { Fixture($0) }
    }()

    private init(_ name: String) {
        self.name = name
        path = Self.folder.appending(path: name).path(percentEncoded: false)
        let files = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
        main = ["js", "mjs", "ts", "mts", "tsx", "jsx"].map { "main." + $0 }.first(where: files.contains)
        needsEsbuild = files.contains { file in [".ts", ".mts", ".tsx", ".jsx"].contains { file.hasSuffix($0) } }
    }

    /// The text of one of its files; nil where there is none.
    func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: path + "/" + file).map { String(decoding: $0, as: UTF8.self) }
    }

    func arguments(for main: String) -> [String] {
        var lines = (text("options") ?? "").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last?.isEmpty == true { lines.removeLast() }
        let end = lines.firstIndex(of: "--") ?? lines.endIndex
        return ["run"] + lines[..<end] + [main] + lines[end...]
    }
}

@Suite("Fixtures", .serialized)
struct FixtureTests {
    @Test("Every fixture has a program and an expected output")
    func complete() {
        #expect(!Fixture.all.isEmpty)
        for fixture in Fixture.all {
            #expect(fixture.main != nil && fixture.text("expected.txt") != nil, "\(fixture.path)")
        }
    }

    @Test(
        "A program in JavaScript prints what its fixture expects", .timeLimit(.minutes(2)),
        arguments: Fixture.all.filter { !$0.needsEsbuild })
    func javaScript(_ fixture: Fixture) async throws { try await check(fixture) }

    @Test(
        "A program with TypeScript or JSX prints what its fixture expects",
        .enabled(if: Program.hasEsbuild, "esbuild is not installed"), .timeLimit(.minutes(2)),
        arguments: Fixture.all.filter(\.needsEsbuild))
    func typeScript(_ fixture: Fixture) async throws { try await check(fixture) }

    private func check(_ fixture: Fixture) async throws {
        guard let main = fixture.main, let expected = fixture.text("expected.txt") else { return }
        let run = try await Program.run(fixture.arguments(for: main), in: fixture.path)
        let status = fixture.text("status").flatMap { Int32($0.filter { !$0.isWhitespace }) } ?? 0
        #expect(run.status == .exited(status), "\(run)")
        compare(run.output, expected, "standard output of \(fixture.name)")
        if let expected = fixture.text("expected-stderr.txt") {
            let errors = run.errors.replacing(fixture.path, with: "/FIXTURE")
            compare(errors, expected, "standard error of \(fixture.name)")
        }
    }

    private func compare(_ actual: String, _ expected: String, _ what: String) {
        guard actual != expected else { return }
        let lines = actual.split(separator: "\n", omittingEmptySubsequences: false)
        let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let same = zip(lines, wanted).prefix { $0 == $1 }.count
        Issue.record(
            "\(what) differs from line \(same + 1) on\n--- expected\n\(expected)\n--- actual\n\(actual)")
    }
}
