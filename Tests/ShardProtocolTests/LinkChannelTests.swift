// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import NIOCore
import NIOPosix
import ShardProtocol
import Synchronization
import Testing

/// Numbers, each of 8 bytes, in the order in which they were said.
private final class Numbers: LinkEnd {
    private let state = Mutex<(output: ByteBuffer, last: UInt64, closings: Int)>((ByteBuffer(), 0, 0))

    func say(_ count: Int) {
        state.withLock { state in
            for _ in 0..<count {
                state.last += 1
                state.output.writeInteger(state.last)
            }
        }
    }

    func takeOutput() -> ByteBuffer? {
        state.withLock { state in
            defer { state.output = ByteBuffer() }
            return state.output.readableBytes > 0 ? state.output : nil
        }
    }

    func receive(_ bytes: ByteBuffer) {}
    func transportClosed() { state.withLock { $0.closings += 1 } }
    var closings: Int { state.withLock { $0.closings } }
}

@Suite("A link's bytes on a socket", .timeLimit(.minutes(1)))
struct LinkChannelTests {
    /// Both ends of a socket; the one of the link, and the one that is read.
    private func sockets() throws -> (CInt, CInt) {
        var ends: [CInt] = [-1, -1]
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        return (ends[0], ends[1])
    }

    private func join(_ numbers: Numbers, _ socket: CInt) async throws -> (LinkChannel, any Channel) {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.autoRead, value: false).withConnectedSocket(socket).get()
        let transport = LinkChannel(channel, socket: socket)
        try await transport.attach(numbers).get()
        return (transport, channel)
    }

    /// Reads so many numbers, or up to the end.
    private func read(_ socket: CInt, most: Int = .max) async -> [UInt64] {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "reader").async {
                var buffer = ByteBuffer()
                var part = [UInt8](repeating: 0, count: 10_000)
                while buffer.readableBytes / 8 < most {
                    let count = unsafe Glibc.read(socket, &part, part.count)
                    guard count > 0 else { break }
                    buffer.writeBytes(part[..<count])
                }
                var numbers: [UInt64] = []
                while let number = buffer.readInteger(as: UInt64.self) { numbers.append(number) }
                continuation.resume(returning: numbers)
            }
        }
    }

    @Test("What threads say at once comes whole and in order, also where the socket is full")
    func order() async throws {
        let (socket, other) = try sockets()
        defer { close(other) }
        let numbers = Numbers()
        let (transport, channel) = try await join(numbers, socket)
        await withTaskGroup(of: Void.self) { group in
            for thread in 0..<4 {
                group.addTask {
                    for turn in 0..<500 {
                        numbers.say(turn % 7 == 0 ? 2000 : 3)
                        if (thread + turn) % 2 == 0 { transport.send() } else { transport.outputIsReady() }
                    }
                }
            }
        }
        let count = 4 * (72 * 2000 + 428 * 3)
        #expect(await read(other, most: count) == Array(1...UInt64(count)))
        try await channel.close()
    }

    @Test("The other side reads what was said before the end, and then the end")
    func end() async throws {
        let (socket, other) = try sockets()
        defer { close(other) }
        let numbers = Numbers()
        let (transport, channel) = try await join(numbers, socket)
        numbers.say(3)
        transport.close()
        #expect(await read(other) == [1, 2, 3])
        try await channel.closeFuture.get()
        #expect(numbers.closings == 1)
    }

    @Test("What is said to a side that has gone is for nobody")
    func gone() async throws {
        let (socket, other) = try sockets()
        let numbers = Numbers()
        let (transport, channel) = try await join(numbers, socket)
        close(other)
        try await channel.closeFuture.get()
        numbers.say(1)
        transport.send()
        transport.outputIsReady()
        transport.close()
        #expect(numbers.closings == 1)
    }
}
