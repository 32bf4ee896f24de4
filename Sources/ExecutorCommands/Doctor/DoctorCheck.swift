// SPDX-License-Identifier: Apache-2.0
internal import FoundationEssentials
internal import ShardSandbox

/// One thing that `rookery doctor` looked at.
struct DoctorCheck: Encodable, Sendable {
    enum State: String, Encodable {
        case ok
        /// Rookery works without it, and less well.
        case warning
        /// Something of Rookery does not work without it.
        case missing
    }

    let name: String
    let state: State
    let detail: String
    /// What to do.
    let advice: String?

    init(_ name: String, _ state: State, _ detail: String, advice: String? = nil) {
        (self.name, self.state, self.detail) = (name, state, detail)
        self.advice = state == .ok ? nil : advice
    }
}

/// All that it looked at.
struct DoctorReport: Encodable, Sendable {
    /// Whether everything holds that Rookery needs.
    let ok: Bool
    /// The machine and what is installed.
    let machine: [DoctorCheck]
    /// The layers of a shard's sandbox.
    let sandbox: [DoctorCheck]
    /// What isolates do inside it.
    let inside: [DoctorCheck]

    init(machine: [DoctorCheck], sandbox: [DoctorCheck], inside: [DoctorCheck]) {
        (self.machine, self.sandbox, self.inside) = (machine, sandbox, inside)
        ok = (machine + sandbox + inside).allSatisfy { $0.state != .missing }
    }

    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }

    var text: String {
        var lines: [String] = []
        for (title, checks) in [
            ("This machine", machine), ("The sandbox of a shard", sandbox), ("Inside the sandbox", inside),
        ] where !checks.isEmpty {
            if !lines.isEmpty { lines.append("") }
            lines.append(title)
            let width = checks.map(\.name.count).max() ?? 0
            for check in checks {
                let mark = check.state.rawValue
                let head = mark + String(repeating: " ", count: 9 - mark.count) + check.name
                lines.append(
                    "  " + head
                        + (check.detail.isEmpty ? "" : String(repeating: " ", count: width - check.name.count + 2))
                        + TerminalText.line(check.detail))
                if let advice = check.advice { lines.append("           -> " + TerminalText.line(advice)) }
            }
        }
        lines.append("")
        lines.append(ok ? "Everything that Rookery needs is here." : "What is missing stands above, with what to do.")
        return lines.joined(separator: "\n") + "\n"
    }
}

extension DoctorCheck {
    /// A layer of the sandbox: missing ones are missed where `--require-sandbox` insists on them.
    init(_ entry: SandboxReport.Entry) {
        let state: State =
            entry.result.holds ? .ok : SandboxLayer.standard.contains(entry.layer) ? .missing : .warning
        self.init(entry.layer.title, state, entry.result.detail, advice: entry.layer.advice)
    }
}
