// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import ShardSandbox
import Subprocess
import Testing

/// What goes on inside, and what is said about it.
@Suite(
    "The sandbox of a shard", .serialized, .timeLimit(.minutes(5)),
    .disabled(if: isSanitized, "sanitizers do what the sandbox refuses"))
struct SandboxTests {
    @Test("Every layer but the supervisor's has a result, in words")
    func report() async throws {
        let report = try await ProberProgram.report()
        for layer in SandboxLayer.allCases where layer != .memoryGroup {
            let state = try #require(report[layer], "\(layer)")
            #expect(state.holds || !state.detail.isEmpty, "\(layer): \(state)")
        }
        #expect(report[.descriptors] == .applied())
        #expect(report[.notDumpable] == .applied())
        #expect(report[.environment]?.detail.contains("variables were overwritten") == true)
    }

    @Test("With a second thread, the layers of threads fail and say why")
    func lateEntry() async throws {
        let report = try await ProberProgram.report("late")
        for layer in [SandboxLayer.landlock, .capabilities, .noNewPrivileges, .userNamespace] {
            guard case .failed(let reason) = report[layer] else {
                Issue.record("\(layer): \(String(describing: report[layer]))")
                continue
            }
            #expect(reason.contains("before a second one starts"), "\(layer): \(reason)")
        }
        #expect(throws: SandboxError.self) { try report.require() }
    }

    @Test(
        "Swift's own threads, watched by libdispatch, and SwiftNIO go on inside",
        .enabled("the machine has no seccomp filter") { try await ProberProgram.has(.seccomp) })
    func runtime() async throws {
        let run = try await ProberProgram.run("pool", "link")
        #expect(run.lines == ["pool worked", "link worked"], "\(run)")
    }

    @Test("A crash inside is reported, and keeps its signal", arguments: [("crash", 11), ("abort", 6)])
    func crash(_ name: String, _ signal: Int32) async throws {
        let run = try await ProberProgram.run(name)
        #expect(run.status == .signaled(signal), "\(run)")
        #expect(run.errors.contains("rookery: fatal signal \(signal) "), "\(run)")
        #expect(run.errors.contains("SandboxProber("), "no backtrace: \(run)")
    }

    // MARK: Reports

    @Test("A report survives its JSON, and the last word on a layer counts")
    func coding() throws {
        var report = SandboxReport()
        report.note(.landlock, .unavailable("none"))
        report.note(.seccomp, .failed("error 5"))
        report.note(.landlock, .applied("version 7"))
        let copy = try JSONDecoder().decode(SandboxReport.self, from: JSONEncoder().encode(report))
        #expect(copy == report)
        #expect(copy[.landlock] == .applied("version 7"))
        #expect(copy[.seccomp] == .failed("error 5"))
        #expect(copy[.userNamespace] == nil)
        #expect(copy.entries.count == 2)
    }

    @Test("Who insists on a layer hears which are missing, why, and what to do")
    func requirement() throws {
        var report = SandboxReport()
        for layer in SandboxLayer.allCases { report.note(layer, .applied()) }
        try report.require(Set(SandboxLayer.allCases))
        report.note(.memoryGroup, .unavailable("no groups"))
        report.note(.userNamespace, .unavailable("refused"))
        // An operator arranges for these.
        try report.require()
        report.note(.landlock, .unavailable("this kernel has no Landlock"))
        #expect(report.missing(of: SandboxLayer.standard) == [.landlock])
        #expect {
            try report.require()
        } throws: { error in
            let text = "\(error)"
            return text.contains("Landlock: this kernel has no Landlock") && text.contains("5.13")
                && text.contains("rookery doctor") && text.contains("--require-sandbox")
        }
        #expect(throws: SandboxError.self) { try SandboxReport().require([.seccomp]) }
    }
}
