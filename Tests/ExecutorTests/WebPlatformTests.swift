// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

/// `scripts/wpt` on the made-up tests of `Tests/WebPlatform/sample`, and on real ones where there are any.
@Suite("Web platform tests", .enabled(if: WebPlatform.hasPython, "python3 is not installed"))
struct WebPlatformTests {
    private static let sample = WebPlatform.project + "/Tests/WebPlatform/sample"
    private static let expectations = sample + "/expectations.json"

    /// The runner on the sample's root.
    private func runSample(_ words: String, expectations: String = expectations) async throws -> ProgramRun {
        try await WebPlatform.run(
            "'\(Self.sample)/root' --areas '\(Self.sample)/areas.json' --expectations '\(expectations)' \(words)")
    }

    @Test("Files that pass are clean, and every other way to end is a failure with a reason", .timeLimit(.minutes(2)))
    func expected() async throws {
        let run = try await runSample("good bad odd --json")
        run.expect(0)
        let report = try run.report()
        #expect(
            report["areas"]
                == .object([
                    "good": figures(files: 5, clean: 5, subtests: 15, passed: 15),
                    "bad": figures(files: 6, clean: 0, subtests: 107, passed: 52),
                ]))
        #expect(report["macro_average"] == .number(0.5))
        #expect(report["unexpected_failures"] == .array([]))
        #expect(report["unexpected_passes"] == .array([]))
        #expect(report["unexplained"] == .number(0))
        #expect(report["not_run"]?["odd/filled.sub.any.js"] == .string("a server fills it in"))
    }

    @Test("A file that does not end is ended, and what passed before it still counts", .timeLimit(.minutes(2)))
    func endless() async throws {
        let run = try await runSample("endless --timeout 10 --json")
        run.expect(0)
        #expect(try run.report()["areas"]?["endless"] == figures(files: 1, clean: 0, subtests: 2, passed: 1))
    }

    @Test("A failure that nobody expects is named with its message", .timeLimit(.minutes(2)))
    func unexpectedFailure() async throws {
        let folder = try ScriptFolder()
        let run = try await runSample("bad/fails.any.js bad/throws.any.js", expectations: folder.path + "/none.json")
        run.expect(1)
        #expect(run.output.contains("bad/fails.any.js: one is two\n      expected 2, not 1"), "\(run)")
        #expect(run.output.contains("bad/throws.any.js: (file)\n      Uncaught RangeError: outside"), "\(run)")
    }

    @Test("A pass that nobody expects fails the run", .timeLimit(.minutes(2)))
    func unexpectedPass() async throws {
        let folder = try ScriptFolder([
            "expectations.json": """
            {"good": {"good/variants.any.js?one": [{"reason": "was broken", "fails": ["the variant ?one"]}],
                      "good/script.worker.js": [{"reason": "many were broken", "fails": 50}]}}
            """
        ])
        let run = try await runSample("good --json", expectations: folder.path + "/expectations.json")
        run.expect(1)
        let report = try run.report()
        #expect(report["unexpected_failures"] == .array([]))
        #expect(
            report["unexpected_passes"]
                == .array([
                    .object([
                        "file": .string("good/script.worker.js"),
                        "subtest": .string("50 of the 50 that were expected to fail"),
                    ]),
                    .object(["file": .string("good/variants.any.js?one"), "subtest": .string("the variant ?one")]),
                ]))
    }

    @Test("An update keeps the reasons that are known and marks the rest", .timeLimit(.minutes(2)))
    func update() async throws {
        let folder = try ScriptFolder([
            "expectations.json": """
            {"bad": {"bad/fails.any.js": [{"reason": "numbers", "fails": ["one is two", "is gone"]}],
                     "bad/gone.any.js": [{"reason": "is gone", "fails": 3}]}}
            """
        ])
        let file = folder.path + "/expectations.json"
        let run = try await runSample("bad/fails.any.js --update", expectations: file)
        run.expect(0)
        #expect(run.output.contains("expectations without a reason: 1"), "\(run)")
        let data = try #require(FileManager.default.contents(atPath: file))
        let area = try JSONDecoder().decode(JSON.self, from: data)["bad"]
        #expect(area?["bad/gone.any.js"] != nil)
        #expect(
            area?["bad/fails.any.js"]
                == .array([
                    .object(["reason": .string("numbers"), "fails": .array([.string("one is two")])]),
                    .object([
                        "reason": .string("unexplained"), "fails": .array([.string("two is three")]),
                    ]),
                ]))
    }

    @Test("What is not there is wrong usage")
    func wrongUsage() async throws {
        try await WebPlatform.run("").expect(2, errors: ["usage: scripts/wpt"])
        try await WebPlatform.run("/nowhere").expect(2, errors: ["no web-platform-tests at /nowhere"])
        try await runSample("gone").expect(2, errors: ["no tests for 'gone'", "good, bad, odd"])
        try await runSample("good --jobs 0").expect(2, errors: ["above 0"])
    }

    @Test(
        "Quick areas of the real tests are as expected",
        .enabled(if: WebPlatform.root != nil, "no web-platform-tests at ROOKERY_WPT or ../shared/wpt"),
        .timeLimit(.minutes(2)))
    func quickAreas() async throws {
        let root = try #require(WebPlatform.root)
        let run = try await WebPlatform.run(
            "'\(root)' console atob timers microtask-queuing dom/abort dom/events webidl")
        run.expect(0)
    }

    private func figures(files: Double, clean: Double, subtests: Double, passed: Double) -> JSON {
        .object([
            "files": .number(files), "files_clean": .number(clean), "subtests": .number(subtests),
            "passed": .number(passed),
        ])
    }
}

private enum WebPlatform {
    static let project = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
        .path(percentEncoded: false)

    static let hasPython = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
        FileManager.default.isExecutableFile(atPath: "\($0)/python3")
    }

    /// Where web-platform-tests are, if they are.
    static let root: String? = {
        let named = ProcessInfo.processInfo.environment["ROOKERY_WPT"] ?? project + "/../shared/wpt"
        return FileManager.default.fileExists(atPath: named + "/resources/testharness.js") ? named : nil
    }()

    /// `scripts/wpt` with these words of a shell, on the program that was built beside the tests.
    static func run(_ words: String) async throws -> ProgramRun {
        try await Program.shell("ROOKERY=\"$1\" '\(project)/scripts/wpt' \(words)", in: project)
    }
}
