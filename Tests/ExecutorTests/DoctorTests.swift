// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc
import Subprocess
import Testing

private let isSanitized = unsafe dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil

/// `rookery doctor`, on whatever machine this is.
@Suite(
    "rookery doctor", .serialized, .timeLimit(.minutes(3)),
    .disabled(if: isSanitized, "sanitizers do what the sandbox refuses"))
struct DoctorTests {
    private let folder: ScriptFolder

    init() throws { folder = try ScriptFolder() }

    private func report(_ run: ProgramRun) throws -> JSON {
        try JSONDecoder().decode(JSON.self, from: Data(run.output.utf8))
    }

    private func check(_ name: String, _ group: String, of report: JSON) throws -> JSON {
        try #require(report[group]?.elements.first { $0["name"]?.text == name }, "\(name): \(report)")
    }

    @Test("It tries the sandbox with V8 inside, and its status says whether all is there")
    func trial() async throws {
        let run = try await Program.run(
            ["doctor", "--json", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"], in: folder.path)
        let report = try report(run)
        #expect(run.status == .exited(report["ok"] == .bool(true) ? 0 : 1), "\(run)")
        #expect(try check("V8", "machine", of: report)["state"] == .string("ok"))
        #expect(try check("data", "machine", of: report)["state"] == .string("ok"))
        #expect(report["sandbox"]?.elements.count == 11)
        for layer in report["sandbox"]?.elements ?? [] {
            // A layer that is not there comes with what to do.
            #expect((layer["state"] == .string("ok")) == (layer["advice"] == nil), "\(layer)")
        }
        let inside = report["inside"]?.elements ?? []
        #expect(inside.count >= 11)
        for program in inside { #expect(program["state"] == .string("ok"), "\(program)") }
    }

    @Test("Shards without machine code work too, and the text has all parts")
    func jitless() async throws {
        let run = try await Program.run(
            ["doctor", "--jitless", "--listen", "unix:\(folder.path)/a", "--admin", "unix:\(folder.path)/b"],
            in: folder.path)
        for part in ["This machine", "The sandbox of a shard", "Inside the sandbox", "compiled JavaScript"] {
            #expect(run.output.contains(part), "\(run)")
        }
        #expect(!run.output.contains("WebAssembly"), "\(run)")
        let inside = run.output.components(after: "Inside the sandbox")
        #expect(!inside.contains("missing  "), "\(run)")
    }

    @Test("An address of elsewhere and a folder that cannot be are missing, and the status says so")
    func missing() async throws {
        let run = try await folder.shell(
            #"ROOKERY_ESBUILD=/nowhere "$1" doctor --json --listen 192.0.2.1:80 --admin unix:/nowhere/a --data /dev/null/a"#
        )
        #expect(run.status == .exited(1), "\(run)")
        let report = try report(run)
        #expect(report["ok"] == .bool(false))
        #expect(try check("data", "machine", of: report)["state"] == .string("missing"))
        #expect(try check("esbuild", "machine", of: report)["state"] == .string("warning"))
        let listeners = report["machine"]?.elements.filter { $0["name"] == .string("listen") } ?? []
        #expect(listeners.map { $0["state"] } == [.string("missing"), .string("missing")], "\(listeners)")
    }

    @Test("A text that is no address is wrong usage")
    func usage() async throws {
        let run = try await Program.run(["doctor", "--listen", "nowhere"], in: folder.path)
        run.expect(2, output: "", errors: ["nowhere is no address"])
    }
}

extension String {
    /// What comes behind a text; empty where it is not in there.
    fileprivate func components(after text: String) -> String {
        guard let range = self.firstRange(of: text) else { return "" }
        return String(self[range.upperBound...])
    }
}
