// SPDX-License-Identifier: Apache-2.0
internal import NIOCore
internal import NIOHTTP1

/// Writes requests of HTTP/1.1. In headers each scalar is one byte, which NIO's own encoder would write as UTF-8.
final class RequestEncoder: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    private var isChunked = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isChunked = head.headers.contains(name: "Transfer-Encoding")
            var buffer = context.channel.allocator.buffer(capacity: head.byteCount)
            buffer.writeString(head.method.rawValue)
            buffer.writeStaticString(" ")
            buffer.writeString(head.uri)
            buffer.writeStaticString(" HTTP/1.1\r\n")
            for (name, value) in head.headers {
                buffer.writeString(name)
                buffer.writeStaticString(": ")
                if value.utf8.allSatisfy({ $0 < 0x80 }) {
                    buffer.writeString(value)
                } else {
                    buffer.writeBytes(value.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
                }
                buffer.writeStaticString("\r\n")
            }
            buffer.writeStaticString("\r\n")
            context.write(wrapOutboundOut(buffer), promise: promise)
        case .body(.byteBuffer(let chunk)) where !isChunked:
            context.write(wrapOutboundOut(chunk), promise: promise)
        case .body(.byteBuffer(let chunk)) where chunk.readableBytes > 0:
            write(context, String(chunk.readableBytes, radix: 16) + "\r\n", nil)
            context.write(wrapOutboundOut(chunk), promise: nil)
            write(context, "\r\n", promise)
        case .body: promise?.succeed()
        case .end where isChunked: write(context, "0\r\n\r\n", promise)
        case .end: promise?.succeed()
        }
    }

    private func write(_ context: ChannelHandlerContext, _ text: String, _ promise: EventLoopPromise<Void>?) {
        context.write(wrapOutboundOut(context.channel.allocator.buffer(string: text)), promise: promise)
    }
}
