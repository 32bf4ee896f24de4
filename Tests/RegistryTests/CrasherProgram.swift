// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

/// The program that changes a registry until it is killed.
enum CrasherProgram {
    /// Beside the test bundle, where SwiftPM builds both.
    static func path() throws -> String {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for start in bundles + [own].compactMap(\.self) {
            var folder = URL(filePath: start).standardizedFileURL
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                let candidate = folder.appending(path: "RegistryCrasher").path(percentEncoded: false)
                if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            }
        }
        throw Missing()
    }

    struct Missing: Error {}

    /// Lets it work until it has printed so many lines, and kills it.
    /// - Returns: all that it printed.
    static func lines(in folder: TestFolder, killedAfter count: Int) async throws -> [String] {
        let result = try await run(
            .path(FilePath(path())), arguments: [folder.path], input: .none, output: .sequence,
            error: .currentStandardError
        ) { execution in
            var lines: [String] = []
            for try await line in execution.standardOutput.strings() {
                lines.append(line.trimmingSuffix { $0.isNewline })
                if lines.count == count { try execution.send(signal: .kill) }
            }
            return lines
        }
        #expect(result.terminationStatus == .signaled(9))
        return result.closureResult
    }

    /// What it prints when it opens a folder, as another user than root.
    static func open(_ folder: String, asNobody: Bool) async throws -> String? {
        let words = [try path(), "--open", folder]
        let result = try await run(
            asNobody ? .name("setpriv") : .path(FilePath(words[0])),
            arguments: Arguments(
                asNobody ? ["--reuid=65534", "--regid=65534", "--clear-groups"] + words : Array(words.dropFirst())),
            output: .string(limit: 4096), error: .string(limit: 4096))
        return result.terminationStatus.isSuccess ? result.standardOutput.trimmingSuffix { $0.isNewline } : nil
    }
}

extension StringProtocol {
    func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = Substring(self)
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
