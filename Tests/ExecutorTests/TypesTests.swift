// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@Suite("TypeScript declarations", .serialized, .timeLimit(.minutes(2)))
struct TypesTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Types").path(percentEncoded: false)

    private static let hasTypeScript = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .contains { FileManager.default.isExecutableFile(atPath: "\($0)/tsc") }

    @Test("Every global and member is declared, and what is declared is there")
    func complete() async throws {
        let run = try await Program.run(["run", "--allow-import", "../../types", "compare.mjs"], in: Self.folder)
        run.expect(0)
        #expect(run.output == "\n")
    }

    @Test("Programs compile against the declarations", .enabled(if: hasTypeScript, "tsc is not installed"))
    func compile() async throws {
        let run = try await Program.shell("tsc -p .", in: Self.folder)
        run.expect(0, output: "")
    }
}
