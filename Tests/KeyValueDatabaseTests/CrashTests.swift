// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostAPI
import KeyValueDatabase
import Subprocess
import SystemPackage
import Testing

/// The store in processes that end badly.
@Suite("Processes", .timeLimit(.minutes(3)))
struct CrashTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Beside the test bundle, where SwiftPM builds both.
    private func crasher(_ arguments: String...) async throws -> (status: TerminationStatus, text: String) {
        let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        var folder = URL(filePath: bundle).standardizedFileURL
        var program: String?
        while program == nil, folder.pathComponents.count > 1 {
            folder.deleteLastPathComponent()
            let candidate = folder.appending(path: "KeyValueCrasher").path(percentEncoded: false)
            if FileManager.default.isExecutableFile(atPath: candidate) { program = candidate }
        }
        let path = try #require(program, "KeyValueCrasher is not beside the test bundle: run swift build")
        let result = try await Subprocess.run(
            .path(FilePath(path)), arguments: Arguments(arguments), output: .string(limit: 1 << 20),
            error: .combinedWithOutput)
        return (result.terminationStatus, result.standardOutput)
    }

    @Test("Killed in the middle of writes, everything answered is there, nothing half-written, all counted")
    func killed() async throws {
        let run = try await crasher("torture", scratch.folder, "5")
        #expect(run.status == .exited(0), "\(run.text)")
        #expect(run.text.contains("killed 5 times"), "\(run.text)")
    }

    @Test("A check that finds a lost or a cut value says so")
    func checks() async throws {
        await (try scratch.open()).close()
        #expect(try await crasher("check", scratch.folder).status == .exited(0))
        // It was answered that the first step of key 1 was done.
        try Data("1 1 1\n".utf8).write(to: URL(filePath: scratch.folder + "/answers"))
        let lost = try await crasher("check", scratch.folder)
        #expect(lost.status == .exited(1) && lost.text.hasPrefix("1: neither step 1"), "\(lost)")
        let store = try scratch.open()
        try await store.set(.text("1 1:half"), for: "key/1", in: "n1")
        await store.close()
        let cut = try await crasher("check", scratch.folder)
        #expect(cut.status == .exited(1) && cut.text.hasPrefix("1: neither step 1"), "\(cut)")
    }

    @Test("A folder and a file that may not be written are errors")
    func readOnly() async throws {
        // Root may write everywhere: the program gives that up.
        try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: scratch.folder)
        #expect(try await crasher("open", scratch.path).text == "readOnly\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: scratch.folder)
        #expect(try await crasher("open", scratch.path).text == "opened\n")
        for permissions in [0o444, 0] {
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: scratch.path)
            let kind = try await crasher("open", scratch.path).text
            #expect(["readOnly\n", "unreachable\n"].contains(kind), "\(kind)")
        }
    }
}
