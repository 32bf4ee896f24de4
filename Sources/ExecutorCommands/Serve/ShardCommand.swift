// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
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

    private static let supervisor: CInt = 3
    private static let heartbeat = TimeAmount.milliseconds(100)

    func run() throws {
        // What is read from files, before there are none.
        _ = Engine.load
        let admission = Admission.ofMachine
        var options = SandboxOptions()
        options.descriptors = [Self.supervisor]
        let sandbox = Sandbox.enter(options)
        Glibc.signal(SIGPIPE, SIG_IGN)
        let gate = Gate<String?>()
        let server = ShardServer(
            seal: { [requireSandbox] in
                let report = sandbox.seal()
                if requireSandbox { try report.require() }
            }, onEnd: { gate.open($0) })
        let engine = try WorkerEngine(store: nil, observer: server, admission: admission)
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
}
