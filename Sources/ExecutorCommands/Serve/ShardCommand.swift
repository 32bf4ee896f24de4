// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import FoundationEssentials
internal import Glibc
internal import Isolates
internal import NIOCore
internal import NIOPosix
internal import ShardHost
internal import ShardProtocol
internal import ShardSandbox
internal import WorkerRuntime

/// `rookery shard`: what `rookery serve --shards N` starts. Its supervisor is at descriptor 3.
struct ShardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "shard", abstract: "A child process of a server.", shouldDisplay: false)

    @Flag(help: "Ends where a layer of the sandbox is missing.") var requireSandbox = false
    @Flag(help: "No machine code is generated.") var jitless = false

    private static let supervisor: CInt = 3
    private static let heartbeat = TimeAmount.milliseconds(100)
    /// V8's own that go together: without machine code it has no WebAssembly.
    static let jitlessFlags = ["--jitless", "--no-expose-wasm"]

    func run() throws {
        guard Self.awaitSupervisor() else { return }
        // The kernel that has no memory left ends a shard sooner than the supervisor.
        try? "500".write(toFile: "/proc/self/oom_score_adj", atomically: false, encoding: .utf8)
        // What is read from files, before there are none.
        _ = Engine.load
        let admission = Admission.ofMachine
        var options = SandboxOptions()
        options.descriptors = [Self.supervisor]
        options.jitless = jitless
        let sandbox = Sandbox.enter(options)
        Glibc.signal(SIGPIPE, SIG_IGN)
        let gate = Gate<String?>()
        let server = ShardServer(
            seal: { [requireSandbox] in
                let report = sandbox.seal()
                if requireSandbox { try report.require() }
            }, onEnd: { gate.open($0) })
        let engine = try WorkerEngine(
            store: nil, flags: jitless ? Self.jitlessFlags : [], observer: server, admission: admission)
        let channel = try ClientBootstrap(group: MultiThreadedEventLoopGroup(numberOfThreads: 1))
            .channelOption(.autoRead, value: false)
            .withConnectedSocket(Self.supervisor).wait()
        let transport = LinkChannel(channel, socket: Self.supervisor)
        let link = ShardLink(
            transport, ShardGreeting(process: Int(getpid()), engine: WorkerEngine.version), server)
        server.attach(engine, link)
        try transport.attach(link).wait()
        channel.eventLoop.scheduleRepeatedTask(initialDelay: Self.heartbeat, delay: Self.heartbeat) { _ in
            server.beat()
        }
        let fault = gate.wait()
        if let fault { StandardError.write("rookery: a shard ends: \(fault)\n") }
        // Isolates may be in the middle of something; nobody needs them any more.
        _exit(fault == nil ? 0 : ExitStatus.ourFault.rawValue)
    }

    /// Until it greets, this process may be in the supervisor's control group, and what it took there would count there.
    /// - Returns: whether it is there.
    private static func awaitSupervisor() -> Bool {
        var wanted = pollfd(fd: supervisor, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&wanted, 1, -1) < 0, errno == EINTR {}
        var byte: UInt8 = 0
        return unsafe recv(supervisor, &byte, 1, Int32(MSG_PEEK)) == 1
    }
}
