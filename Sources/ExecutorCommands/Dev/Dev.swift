// SPDX-License-Identifier: Apache-2.0
internal import ArgumentParser
internal import Dispatch
internal import ExecutorServer
internal import Glibc
internal import WorkerRuntime

/// `rookery dev`: serves one worker, and builds it again when its sources change.
struct Dev: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves one worker, and builds it again when its sources change.",
        usage: "rookery dev DIR|FILE [options]",
        discussion: """
            FILE and DIR are as for rookery deploy; rookery.json is read once, and its crons are not run. While a build is broken, pages that a browser asks for show why, and \
            everything else is answered by the last build that works. Ctrl-C ends it.
            """)

    @Argument(help: .init("The worker.", valueName: "DIR|FILE")) var source: String
    @Option(
        parsing: .unconditionalSingleValue, help: .init("The port of 127.0.0.1. 8787 unless given.", valueName: "N"))
    var port: [String] = []
    @OptionGroup(title: "Grants") var grants: GrantOptions
    @Option(help: .init("A text in the worker's env.", valueName: "NAME=VALUE")) var env: [String] = []

    /// Where it listens.
    private func address() throws -> FrontAddress {
        let port = try Numbers.single(port, "--port").map { try Numbers.whole($0, "--port", least: 0) } ?? 8787
        guard port <= UInt16.max else { throw CommandEnded(.wrongUsage, "--port takes a number up to 65535") }
        return .tcp(host: "127.0.0.1", port: port)
    }

    /// Serves until a signal comes.
    func run() throws {
        let worker = try WorkerSource(source)
        let address = try address()
        let serving = try DevWorker(worker, try ProgramGrants(grants, env: env), grants)
        try Waiting.run {
            let session = try await DevSession(worker, serving) { StandardError.write($0 + "\n") }
            let front: HTTPFront
            do throws(FrontError) {
                front = try await HTTPFront.start(FrontOptions(listeners: [.init(address)], loops: 1), session.handler)
            } catch {
                throw CommandEnded(.failed, error.description)
            }
            StandardOutput.write("http://localhost:\(front.addresses[0].port)/\n")
            let signals = EndingSignals()
            let building = Task { await session.run() }
            let signal = await signals.first()
            building.cancel()
            await building.value
            await front.drain(within: .seconds(1))
            throw CommandEnded(signal == SIGTERM ? .ended : .interrupted)
        }
    }
}

extension FrontAddress {
    /// 0 for a Unix socket.
    fileprivate var port: Int { if case .tcp(_, let port) = self { port } else { 0 } }
}

/// Ctrl-C and SIGTERM as values.
private struct EndingSignals {
    private let sources: [any DispatchSourceSignal]
    private let signals: AsyncStream<Int32>

    init() {
        let (signals, told) = AsyncStream.makeStream(of: Int32.self)
        self.signals = signals
        sources = [SIGINT, SIGTERM].map { number in
            Glibc.signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { told.yield(number) }
            source.activate()
            return source
        }
    }

    /// The first that comes.
    func first() async -> Int32 {
        for await signal in signals { return signal }
        return SIGINT
    }
}
