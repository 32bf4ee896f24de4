// SPDX-License-Identifier: Apache-2.0
internal import Glibc
public import NIOCore
internal import Synchronization

/// One side's link, as its transport sees it.
public protocol LinkEnd: AnyObject, Sendable {
    /// What is to be sent; `nil`: nothing.
    func takeOutput() -> ByteBuffer?
    /// Takes what has come. From one thread at a time.
    func receive(_ bytes: ByteBuffer)
    /// The transport has closed.
    func transportClosed()
}

extension ShardLink: LinkEnd {}
extension SupervisorLink: LinkEnd {}

/// Carries a link's bytes on a channel: what is said in one turn of the event loop goes out together, and nothing is
/// taken from the link while the socket is full.
///
/// Whole batches are written by the thread that made them: waking the event loop for it costs as much as the bytes.
public final class LinkChannel: LinkTransport {
    private struct State {
        /// Until the channel closes.
        var link: (any LinkEnd)?
        /// The channel's socket under a number of our own, which nobody else closes; -1: there is none.
        var descriptor: CInt = -1
        var isClosed = false
        /// Bytes are being written, or wait until the socket takes more.
        var isBusy = false
        /// More was said meanwhile.
        var hasMore = false
    }

    private let channel: any Channel
    private let niceness = LinkChannel.nicenessOfThread
    private let state = Mutex(State())

    /// A connected channel whose pipeline is empty, and which does not read by itself yet: what came before its link is
    /// there would be lost.
    /// - Parameter socket: the channel's descriptor, which stays the channel's.
    public init(_ channel: any Channel, socket: CInt) {
        self.channel = channel
        let descriptor = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        state.withLock { $0.descriptor = descriptor }
    }

    deinit { state.withLock { Self.letGo(&$0) } }

    /// Joins the link to the channel; what was said before goes out then.
    public func attach(_ link: any LinkEnd) -> EventLoopFuture<Void> {
        channel.pipeline.addHandler(LinkChannelHandler(link, self))
            .flatMap {
                self.state.withLock { if !$0.isClosed { $0.link = link } }
                return self.channel.setOption(.autoRead, value: true)
            }
            .map { self.outputIsReady() }
    }

    /// There are bytes to be sent: they go out once the event loop has done what it is about.
    public func outputIsReady() { channel.eventLoop.execute { self.send() } }

    /// Not the event loop's, which sends at the end of its turn; nor one whose priority was lowered: what others say
    /// meanwhile would wait for it.
    public var sendsFromThisThread: Bool { !channel.eventLoop.inEventLoop && Self.nicenessOfThread <= niceness }

    private static var nicenessOfThread: CInt { getpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0) }

    /// Closes the channel, after what was written.
    public func close() {
        channel.eventLoop.execute {
            self.send()
            self.channel.close(promise: nil)
        }
    }

    fileprivate func closed() {
        state.withLock { state in
            state.isClosed = true
            state.link = nil
            // The other side hears of it although a write may still be under way.
            if state.descriptor >= 0 { shutdown(state.descriptor, Int32(SHUT_RDWR)) }
            if !state.isBusy { Self.letGo(&state) }
        }
    }

    private static func letGo(_ state: inout State) {
        if state.descriptor >= 0 { Glibc.close(state.descriptor) }
        state.descriptor = -1
    }

    // MARK: Writing

    /// Writes what there is, unless somebody is about that.
    public func send() {
        let isFree = state.withLock { state in
            if state.isBusy { state.hasMore = true }
            defer { state.isBusy = true }
            return !state.isBusy
        }
        if isFree { goOn() }
    }

    /// Writes what there is. Whoever calls this has made the state busy, or found it so.
    private func goOn() {
        let (link, descriptor) = state.withLock { ($0.link, $0.descriptor) }
        guard let bytes = link?.takeOutput(), let rest = write(bytes, to: descriptor) else { return settle() }
        channel.eventLoop.execute { [self] in
            // Once it is written, or the channel has closed.
            channel.writeAndFlush(rest).whenComplete { _ in self.goOn() }
        }
    }

    /// What others have said meanwhile is for the event loop to write: they may go on for ever.
    private func settle() {
        let goesOn = state.withLock { state in
            if state.hasMore, state.link != nil {
                state.hasMore = false
                return true
            }
            state.isBusy = false
            if state.isClosed { Self.letGo(&state) }
            return false
        }
        if goesOn { channel.eventLoop.execute { self.goOn() } }
    }

    /// - Returns: what the socket did not take.
    private func write(_ bytes: ByteBuffer, to descriptor: CInt) -> ByteBuffer? {
        guard descriptor >= 0 else { return bytes }
        var count = -1
        repeat {
            count = unsafe bytes.withUnsafeReadableBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
        } while count < 0 && errno == EINTR
        // What is wrong with the socket, the channel finds out with the same bytes.
        return count == bytes.readableBytes
            ? nil : bytes.getSlice(at: bytes.readerIndex + max(0, count), length: bytes.readableBytes - max(0, count))
    }
}

private final class LinkChannelHandler: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let link: any LinkEnd
    private let transport: LinkChannel

    init(_ link: any LinkEnd, _ transport: LinkChannel) {
        self.link = link
        self.transport = transport
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { link.receive(unwrapInboundIn(data)) }

    func channelInactive(context: ChannelHandlerContext) {
        transport.closed()
        link.transportClosed()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
