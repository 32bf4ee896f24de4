// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import Isolates
import NIOCore
import NIOPosix
import Synchronization
import WorkerRuntime
import WorkerTypes

func say(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = unsafe write(1, bytes, bytes.count)
}

/// V8 with an isolate that has compiled and run something.
func startV8(flags: [String]) throws -> (IsolateHost, IsolateThread) {
    let engine = try Engine(.init(flags: flags, reportsCrashes: true))
    try engine.use(BaseSnapshot.load(engine, from: nil, flags: flags))
    let host = IsolateHost(engine)
    let thread = try IsolateThread()
    let source = "let sum = 0; for (let i = 0; i < 1e6; i++) sum += i % 7; export default sum;"
    let outcome = try run(Array(source.utf8), limits: .standard, host, thread)
    if outcome != .ok { say("V8: \(outcome)") }
    return (host, thread)
}

/// Runs a module to its end.
func run(_ source: [UInt8], limits: Limits, _ host: IsolateHost, _ thread: IsolateThread) throws -> Outcome {
    let modules = WorkerModules(main: "probe.mjs", modules: ["probe.mjs": String(decoding: source, as: UTF8.self)])
    let loader = DeployedModules("probe", modules) { _ in nil }
    let ended = DispatchSemaphore(value: 0)
    let outcome = Mutex(Outcome.internalError)
    thread.loop.post {
        var program = Program(entry: loader.main)
        program.limits = limits
        let run = ScriptRun(
            program, on: thread, loader: loader, caches: nil, onLine: { _ in },
            completion: { record in
                outcome.withLock { $0 = record.outcome }
                ended.signal()
            })
        do { _ = try run.start(host) } catch {
            say("V8: \(error)")
            ended.signal()
        }
    }
    ended.wait()
    return outcome.withLock { $0 }
}

/// More work than threads, for longer than libdispatch waits before it looks at them.
func keepPoolBusy() async {
    await withTaskGroup(of: Void.self) { group in
        let end = ContinuousClock.now + .seconds(3)
        for _ in 0..<64 {
            group.addTask {
                while ContinuousClock.now < end {
                    usleep(2000)
                    await Task.yield()
                }
            }
        }
    }
}

enum Thread {
    /// Starts a thread that waits.
    static func keepOne() {
        let started = DispatchSemaphore(value: 0)
        DispatchQueue.global().async {
            started.signal()
            DispatchSemaphore(value: 0).wait()
        }
        started.wait()
    }
}

/// Two ends of a connection, which SwiftNIO takes over later.
struct Link {
    let descriptors: [Int32]

    init() throws {
        var ends: [Int32] = [-1, -1]
        guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            throw IOError(errnoCode: errno, reason: "socketpair")
        }
        descriptors = ends
    }

    /// Sends a text from the one end, and returns what comes out of the other.
    func send(_ text: String) throws -> String {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let received = group.next().makePromise(of: String.self)
        let receiver = try ClientBootstrap(group: group)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(received))
                }
            }
            .withConnectedSocket(descriptors[1]).wait()
        let sender = try ClientBootstrap(group: group).withConnectedSocket(descriptors[0]).wait()
        try sender.writeAndFlush(sender.allocator.buffer(string: text)).wait()
        let answer = try received.futureResult.wait()
        try sender.close().wait()
        try receiver.closeFuture.wait()
        return answer
    }

    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        let received: EventLoopPromise<String>

        init(_ received: EventLoopPromise<String>) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.succeed(String(buffer: unwrapInboundIn(data)))
        }
    }
}
