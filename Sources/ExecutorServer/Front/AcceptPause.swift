// SPDX-License-Identifier: Apache-2.0
internal import Glibc
internal import NIOCore

/// Leaves connections waiting for a moment where the system has no descriptors or memory for them: the listener would
/// else be asked again and again, and its loop's other connections would wait.
final class AcceptPause: ChannelInboundHandler, Sendable {
    typealias InboundIn = Any

    private static let pause = TimeAmount.milliseconds(100)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? IOError, [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(error.errnoCode) {
            let channel = context.channel
            channel.setOption(.autoRead, value: false).whenSuccess {
                channel.eventLoop.scheduleTask(in: Self.pause) {
                    // A listener that was closed meanwhile has no use for it.
                    channel.setOption(.autoRead, value: true).whenFailure { _ in }
                }
            }
        }
        context.fireErrorCaught(error)
    }
}
