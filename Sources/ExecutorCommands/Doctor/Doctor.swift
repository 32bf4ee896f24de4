// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import ExecutorServer

/// `rookery doctor`: whether this machine has what Rookery needs, and what its sandbox is made of here.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Says what of Rookery holds on this machine, and what is missing.",
        discussion: """
            Starts V8 in the sandbox of a shard, in a process that it throws away, and runs programs there. Run it as the \
            user, and with the options, that Rookery serves with.

            Exit status: 0 where everything needed is here, 1 where something is missing, 2 wrong usage.
            """)

    @Flag(help: "Print nothing but one JSON object.") var json = false
    @Option(help: "The folder with everything that is kept.") var data = "./rookery-data"
    @Option(help: "Where requests come in, HOST:PORT or unix:PATH. (default: 127.0.0.1:8787)") var listen: [String] = []
    @Option(help: "Where the administrator's requests come in.") var admin = "127.0.0.1:8788"
    @Flag(help: "Try shards that generate no machine code.") var jitless = false

    func run() throws {
        var addresses: [FrontAddress] = []
        do throws(FrontError) {
            for text in (listen.isEmpty ? ["127.0.0.1:8787"] : listen) + [admin] {
                addresses.append(try FrontAddress(text))
            }
        } catch {
            throw CommandEnded(.wrongUsage, error.description)
        }
        let gate = Gate<DoctorReport>()
        let machine = MachineChecks(data: data, addresses: addresses)
        let arguments = jitless ? ["--jitless"] : []
        Task {
            async let checks = machine.all()
            let sandbox = await SandboxChecks(arguments)
            gate.open(DoctorReport(machine: await checks, sandbox: sandbox.layers, inside: sandbox.inside))
        }
        let report = gate.wait()
        StandardOutput.write(json ? report.json + "\n" : report.text)
        if !report.ok { throw CommandEnded(.uncaught) }
    }
}
