// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import ShardSandbox
import Subprocess
import SystemPackage
import Testing

/// Sanitizers make system calls, look at files and start processes of their own.
let isSanitized = unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// The program that tries to leave its sandbox.
struct ProberProgram: Sendable, CustomStringConvertible {
    let output: String
    let errors: String
    let status: TerminationStatus

    var lines: [String] { output.split(separator: "\n").map(String.init) }
    var description: String { "\(status): \(output)\(errors)" }

    /// Runs it, with a secret in its environment.
    static func run(_ arguments: String...) async throws -> ProberProgram { try await run(arguments) }

    static func run(_ arguments: [String]) async throws -> ProberProgram {
        let result = try await Subprocess.run(
            .path(FilePath(path())), arguments: Arguments(arguments),
            environment: .inherit.updating(["ROOKERY_PROBE_SECRET": "secret"]), output: .bytes(limit: 1 << 20),
            error: .bytes(limit: 1 << 20))
        return ProberProgram(
            output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self), status: result.terminationStatus)
    }

    /// The report of a sandbox here.
    static func report(_ arguments: String...) async throws -> SandboxReport {
        let run = try await run(arguments + ["report"])
        return try JSONDecoder().decode(SandboxReport.self, from: Data(run.output.utf8))
    }

    /// Whether a layer can be had here.
    static func has(_ layer: SandboxLayer) async throws -> Bool { try await report()[layer]?.holds == true }

    /// Beside the test bundle, where SwiftPM builds both.
    private static func path() throws -> String {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for start in bundles + [own].compactMap(\.self) {
            var folder = URL(filePath: start).standardizedFileURL
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                let candidate = folder.appending(path: "SandboxProber").path(percentEncoded: false)
                if FileManager.default.isExecutableFile(atPath: candidate) { return candidate }
            }
        }
        throw Missing()
    }

    struct Missing: Error {}
}
