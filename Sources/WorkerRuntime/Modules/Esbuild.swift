// SPDX-License-Identifier: Apache-2.0
internal import HostAPI
internal import Subprocess
internal import SystemPackage

/// The `esbuild` program: where it is, and one run of it.
struct Esbuild: Sendable {
    let path: String
    let version: String

    /// A source as esbuild sees it.
    struct Input: Sendable {
        let text: [UInt8]
        let dialect: TypeScriptDialect
        /// The text of a `tsconfig.json`.
        let settings: String
    }

    struct Output: Sendable {
        let code: [UInt8]
        let map: [UInt8]
    }

    /// An error that esbuild reports.
    struct Message: Hashable, Sendable {
        let input: Int
        let text: String
        /// Counted from 1.
        let line: Int
        /// Counted from 1, in bytes.
        let column: Int
    }

    struct Report: Sendable {
        /// By input; all of them, or none.
        var outputs: [Output] = []
        var messages: [Message] = []
        /// What the program said, for failures that are not an input's.
        var text = ""
    }

    static let deadline = Duration.seconds(60)
    private static let longestReport = 16 << 20

    /// The program that `ROOKERY_ESBUILD` names, or the one on the search path.
    static func find() -> String? {
        let wanted = SystemPath.environment("ROOKERY_ESBUILD").flatMap { $0.isEmpty ? nil : $0 } ?? "esbuild"
        let candidates: [String]
        if wanted.utf8.contains(UInt8(ascii: "/")) {
            candidates = [wanted]
        } else {
            let folders = (SystemPath.environment("PATH") ?? "/usr/bin:/bin").split(separator: ":")
            candidates = folders.map { "\($0)/\(wanted)" }
        }
        // It runs in another folder, where a relative path would mean something else.
        return candidates.first(where: SystemPath.isExecutableFile).map { path in
            path.utf8.first == UInt8(ascii: "/") ? path : (try? SystemPath.real(path)) ?? path
        }
    }

    /// Asks the program for its version.
    init?(path: String) async {
        guard let result = await Self.run(path, ["--version"], in: nil), result.isSuccess else { return nil }
        let version = String(decoding: result.output, as: UTF8.self).prefix { !$0.isNewline }
        guard !version.isEmpty else { return nil }
        self.path = path
        self.version = String(version)
    }

    /// Compiles each input by itself, all in one process.
    func compile(_ inputs: [Input]) async -> Report {
        guard let folder = try? TemporaryFolder(inputs) else {
            return Report(text: "cannot write to the folder for temporary files")
        }
        var arguments = inputs.indices.map(folder.name)
        arguments += [
            "--outdir=out", "--outbase=.", "--format=esm", "--target=es2022",
            // Not a part of ES2022, and dropped without a word unless asked for.
            "--supported:import-assertions=true", "--sourcemap=external", "--sources-content=false", "--color=false",
            "--log-level=error", "--log-limit=0",
        ]
        guard let result = await Self.run(path, arguments, in: folder.path) else {
            return Report(text: "esbuild did not start, or did not end within \(Self.deadline)")
        }
        let text = String(decoding: result.error, as: UTF8.self)
        let messages = Self.messages(in: text)
        guard result.isSuccess, messages.isEmpty else { return Report(messages: messages, text: text) }
        let outputs = inputs.indices.compactMap(folder.output)
        guard outputs.count == inputs.count else { return Report(text: "esbuild wrote no output. \(text)") }
        return Report(outputs: outputs, text: text)
    }

    // MARK: - Running

    struct Result: Sendable {
        let isSuccess: Bool
        let output: [UInt8]
        let error: [UInt8]
    }

    /// Nil where the program did not start or was too slow. It inherits nothing but the search path.
    static func run(_ path: String, _ arguments: [String], in folder: String?) async -> Result? {
        let search = SystemPath.environment("PATH") ?? "/usr/bin:/bin"
        return await withTaskGroup(of: Result?.self) { group in
            group.addTask {
                let result = try? await Subprocess.run(
                    .path(FilePath(path)), arguments: Arguments(arguments),
                    environment: .custom(["PATH": search]), workingDirectory: folder.map { FilePath($0) },
                    output: .bytes(limit: longestReport), error: .bytes(limit: longestReport))
                guard let result else { return nil }
                return Result(
                    isSuccess: result.terminationStatus.isSuccess, output: result.standardOutput,
                    error: result.standardError)
            }
            group.addTask {
                try? await Task.sleep(for: deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }

    // MARK: - Messages

    /// Reads the text that esbuild writes for people: a line `✘ [ERROR] …`, and below it a line with the place.
    static func messages(in report: String) -> [Message] {
        var messages: [Message] = []
        var text: String?
        for line in report.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("✘ [ERROR] ") {
                text = String(line.dropFirst("✘ [ERROR] ".count))
            } else if let found = text, let place = place(in: line) {
                messages.append(Message(input: place.input, text: found, line: place.line, column: place.column + 1))
                text = nil
            }
        }
        return messages
    }

    /// `    0/12.ts:3:14:`, where 12 is the input's number.
    private static func place(in line: Substring) -> (input: Int, line: Int, column: Int)? {
        guard line.hasPrefix("    "), !line.hasPrefix("     "), line.hasSuffix(":") else { return nil }
        let parts = line.dropFirst(4).dropLast().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let line = Int(parts[1]), let column = Int(parts[2]), line > 0, column >= 0,
            column < Int.max
        else { return nil }
        let name = parts[0].drop { $0 != "/" }.dropFirst().prefix { $0 != "." }
        return Int(name).map { ($0, line, column) }
    }
}
