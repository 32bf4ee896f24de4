// SPDX-License-Identifier: Apache-2.0

import ExecutorServer
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A handler that is a function.
struct Answering: RequestHandler {
    private var observed: @Sendable (ServerRequest, Exchange) -> (any ExchangeObserver)?

    init(_ answer: @escaping @Sendable (ServerRequest, Exchange) -> Void) {
        observed = { request, exchange in
            answer(request, exchange)
            return nil
        }
    }

    /// One whose exchanges are observed.
    static func observed(
        _ answer: @escaping @Sendable (ServerRequest, Exchange) -> (any ExchangeObserver)?
    ) -> Answering {
        var handler = Answering { _, _ in }
        handler.observed = answer
        return handler
    }

    func handle(_ request: ServerRequest, _ exchange: Exchange) -> (any ExchangeObserver)? {
        observed(request, exchange)
    }

    /// Says method and target, and how long a body that was collected is.
    static let echo = Answering { request, exchange in
        var text = "\(request.head.method) \(request.head.target)"
        if case .collected(let bytes) = request.body { text += " \(bytes.count)" }
        exchange.respond(ResponseHead(status: 200), body: Array(text.utf8))
    }
}

/// Runs a front for a test.
func withFront<Result>(
    _ handler: Answering, limits: FrontLimits = .quick, forwarding: ForwardingPolicy = ForwardingPolicy(),
    _ body: (HTTPFront, RawClient.Target) async throws -> Result
) async throws -> Result {
    try await serving(handler, limits: limits, forwarding: forwarding, body)
}

/// Runs a front with any handler for a test.
func serving<Result>(
    _ handler: some RequestHandler, limits: FrontLimits = .quick, forwarding: ForwardingPolicy = ForwardingPolicy(),
    _ body: (HTTPFront, RawClient.Target) async throws -> Result
) async throws -> Result {
    var options = FrontOptions(listeners: [.init(.tcp(host: "127.0.0.1", port: 0))], loops: 2)
    options.limits = limits
    options.forwarding = forwarding
    let front = try await HTTPFront.start(options, handler)
    do {
        let result = try await body(front, RawClient.Target(front.addresses[0]))
        await front.drain(within: .zero)
        return result
    } catch {
        await front.drain(within: .zero)
        throw error
    }
}

extension FrontLimits {
    /// The usual limits, looked at often.
    static var quick: FrontLimits {
        var limits = FrontLimits()
        limits.tick = .milliseconds(10)
        limits.lingerTime = .milliseconds(200)
        // A busy machine is slow to send what a test has to say.
        limits.headTime = .seconds(120)
        limits.crowdedIdleTime = .seconds(120)
        return limits
    }
}

/// A socket that sends and receives bytes, and nothing of HTTP.
final class RawClient: Sendable {
    struct Target: Sendable {
        let address: FrontAddress

        init(_ address: FrontAddress) { self.address = address }
    }

    private let channel: any Channel
    private let inbox: Inbox

    private init(_ channel: any Channel, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    /// Connects. Without `reads` it takes nothing until `resume`.
    static func connect(
        _ target: Target, reads: Bool = true, receiveBuffer: Int? = nil, tls: NIOSSLContext? = nil
    ) async throws -> RawClient {
        let inbox = Inbox()
        var bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: reads)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: "localhost"))
                    }
                    try channel.pipeline.syncOperations.addHandler(Receiver(inbox))
                }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: SocketOptionValue(receiveBuffer))
        }
        let channel =
            switch target.address {
            case .tcp(let host, let port): try await bootstrap.connect(host: host, port: port).get()
            case .unix(let path): try await bootstrap.connect(unixDomainSocketPath: path).get()
            }
        return RawClient(channel, inbox)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }

    func resume() async throws {
        try await channel.setOption(.autoRead, value: true).get()
        channel.read()
    }

    /// Everything so far, once the server ended.
    func untilEnd() async -> String { await inbox.wait { $0.hasEnded ? $0.text : nil } }

    /// Everything so far, once it holds so many times this text.
    func until(_ text: String, times: Int = 1) async -> String {
        await inbox.wait { state in
            state.hasEnded || state.text.count(of: text) >= times ? state.text : nil
        }
    }

    /// How many bytes came once the server ended, or so many are there.
    func count(reaching count: Int = .max) async -> Int {
        await inbox.wait { $0.hasEnded || $0.bytes.count >= count ? $0.bytes.count : nil }
    }

    func endSending() async throws { try await channel.close(mode: .output) }

    func close() async throws { try await channel.close() }
}

extension String {
    func count(of text: String) -> Int {
        var count = 0
        var rest = utf8[...]
        let wanted = Array(text.utf8)
        while let first = rest.firstIndex(of: wanted[0]) {
            if rest[first...].starts(with: wanted) { count += 1 }
            rest = rest[rest.index(after: first)...]
        }
        return count
    }

    /// The status lines' codes in their order.
    var statuses: [Int] {
        split(separator: "HTTP/1.1 ").filter { $0.count >= 3 }.compactMap { Int($0.prefix(3)) }
    }
}

/// What a client received, and who waits for it.
final class Inbox: Sendable {
    struct State {
        var bytes: [UInt8] = []
        var hasEnded = false
        fileprivate var waiters: [(State) -> Bool] = []
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }
    private let state = Mutex(State())

    func wait<Answer: Sendable>(_ look: @escaping @Sendable (State) -> Answer?) async -> Answer {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let answer = look(state) { return continuation.resume(returning: answer) }
                state.waiters.append { state in
                    guard let answer = look(state) else { return false }
                    continuation.resume(returning: answer)
                    return true
                }
            }
        }
    }

    func add(_ bytes: some Sequence<UInt8>) {
        state.withLock { state in
            state.bytes += bytes
            tell(&state)
        }
    }

    func end() {
        state.withLock { state in
            state.hasEnded = true
            tell(&state)
        }
    }

    private func tell(_ state: inout State) {
        let now = state
        state.waiters.removeAll { $0(now) }
    }
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        inbox.add(unwrapInboundIn(data).readableBytesView)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { inbox.end() }
    }

    func channelInactive(context: ChannelHandlerContext) { inbox.end() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// A value that a test waits for.
final class Later<Value: Sendable>: Sendable {
    private struct State {
        var value: Value?
        var waiters: [CheckedContinuation<Value, Never>] = []
    }
    private let state = Mutex(State())

    func set(_ value: Value) {
        let waiters = state.withLock { state in
            state.value = value
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume(returning: value) }
    }

    func get() async -> Value {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if let value = state.value {
                    continuation.resume(returning: value)
                } else {
                    state.waiters.append(continuation)
                }
            }
        }
    }

    var isSet: Bool { state.withLock { $0.value != nil } }
}

/// Notes how a client leaves.
final class Departures: ExchangeObserver {
    let ended = Later<Bool>()
    let left = Later<Bool>()

    func clientLeft(_ exchange: Exchange, _ how: ClientDeparture) {
        switch how {
        case .endedSending: ended.set(true)
        case .disconnected: left.set(true)
        }
    }
}

/// The path of a file beside the tests.
func testFile(_ name: String) -> String {
    #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/\(name)"
}
