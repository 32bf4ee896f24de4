// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Subprocess
import SystemPackage
import Testing

/// One finished run of the `rookery` program, or of a shell that runs it.
struct ProgramRun: Sendable, CustomStringConvertible {
    let status: TerminationStatus
    let output: String
    let errors: String

    /// The last line on standard error.
    var lastErrorLine: String { errors.split(separator: "\n").last.map(String.init) ?? "" }

    var description: String { "\(status)\n--- standard output\n\(output)\n--- standard error\n\(errors)" }

    /// Expects an exit status, words on standard error and, where it is given, exactly this on standard output.
    func expect(
        _ status: Int32, output: String? = nil, errors words: [String] = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == .exited(status), "\(self)", sourceLocation: sourceLocation)
        #expect(!errors.contains("Fatal error"), "\(self)", sourceLocation: sourceLocation)
        if let output { #expect(self.output == output, "\(self)", sourceLocation: sourceLocation) }
        for word in words { #expect(errors.contains(word), "\(self)", sourceLocation: sourceLocation) }
    }

    /// What `--json` printed, and that it is all there is: one line.
    func report(sourceLocation: SourceLocation = #_sourceLocation) throws -> JSON {
        #expect(output.utf8.count { $0 == 10 } == 1, "\(self)", sourceLocation: sourceLocation)
        return try JSONDecoder().decode(JSON.self, from: Data(output.utf8))
    }
}

/// The built `rookery` program.
enum Program {
    /// Beside the test bundle, where SwiftPM builds both.
    static let path: String? = {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for start in bundles + [own].compactMap(\.self) {
            var folder = URL(filePath: start).standardizedFileURL
            while folder.pathComponents.count > 1 {
                folder.deleteLastPathComponent()
                let candidate = folder.appending(path: "rookery").path(percentEncoded: false)
                if isProgram(candidate) { return candidate }
            }
        }
        return nil
    }()

    static let hasEsbuild: Bool = {
        let environment = ProcessInfo.processInfo.environment
        if let path = environment["ROOKERY_ESBUILD"], !path.isEmpty {
            return path.contains("/") ? isProgram(path) : true
        }
        return (environment["PATH"] ?? "").split(separator: ":").contains { isProgram("\($0)/esbuild") }
    }()

    static let isRoot = geteuid() == 0

    private static func isProgram(_ path: String) -> Bool {
        guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
            attributes[.type] as? FileAttributeType == .typeRegular
                || attributes[.type] as? FileAttributeType == .typeSymbolicLink
        else { return false }
        return FileManager.default.isExecutableFile(atPath: path)
    }

    /// Runs it in a folder. Its cache is the build folder's, not the user's.
    static func run(_ arguments: [String], in folder: String, input: [UInt8] = []) async throws -> ProgramRun {
        let path = try #require(path, "the program rookery is not beside the test bundle: run swift build")
        return try await run(.path(FilePath(path)), arguments, in: folder, input: input)
    }

    /// Runs a script of bash, in which `$1` is the program.
    static func shell(_ script: String, in folder: String) async throws -> ProgramRun {
        let path = try #require(path, "the program rookery is not beside the test bundle: run swift build")
        return try await run(.name("bash"), ["-c", script, "bash", path], in: folder, input: [])
    }

    private static func run(
        _ executable: Executable, _ arguments: [String], in folder: String, input: [UInt8]
    ) async throws -> ProgramRun {
        let products = URL(filePath: path ?? "/").deletingLastPathComponent().path(percentEncoded: false)
        let result = try await Subprocess.run(
            executable, arguments: Arguments(arguments),
            environment: .inherit.updating(["ROOKERY_CACHE": products + "/rookery-test-cache"]),
            workingDirectory: FilePath(folder), input: .array(input), output: .bytes(limit: 64 << 20),
            error: .bytes(limit: 64 << 20))
        return ProgramRun(
            status: result.terminationStatus, output: String(decoding: result.standardOutput, as: UTF8.self),
            errors: String(decoding: result.standardError, as: UTF8.self))
    }
}

/// A folder of scripts for one test; removed when the test lets go of it.
final class ScriptFolder: Sendable {
    let path: String

    init(_ files: [String: String] = [:]) throws {
        let parent = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
        let folder = parent.appending(path: "rookery-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        path = folder.path(percentEncoded: false)
        for (name, text) in files { try write(Array(text.utf8), to: name) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ bytes: [UInt8], to name: String) throws {
        let file = URL(filePath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    /// `rookery run` with these arguments, in this folder.
    func run(_ arguments: String..., input: String = "") async throws -> ProgramRun {
        try await run(arguments, input: input)
    }

    /// `rookery run` with these arguments, in this folder.
    func run(_ arguments: [String], input: String = "") async throws -> ProgramRun {
        try await Program.run(["run"] + arguments, in: path, input: Array(input.utf8))
    }

    /// A script of bash in this folder, in which `$1` is the program.
    func shell(_ script: String) async throws -> ProgramRun { try await Program.shell(script, in: path) }
}

/// A folder of one module, `main.mjs`.
func script(_ source: String) throws -> ScriptFolder { try ScriptFolder(["main.mjs": source]) }

/// Any JSON.
enum JSON: Decodable, Equatable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let string = try? value.decode(String.self) {
            self = .string(string)
        } else if let array = try? value.decode([JSON].self) {
            self = .array(array)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    var keys: Set<String> {
        guard case .object(let members) = self else { return [] }
        return Set(members.keys)
    }

    var elements: [JSON] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var double: Double? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// A member; nil where there is none.
    subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }
}
