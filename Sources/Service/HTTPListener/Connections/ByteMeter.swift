import NIOCore

/// Counts the bytes of a connection below the HTTP decoder and tells the connection's handler when some have come:
/// above the decoder an unfinished head is invisible.
final class ByteMeter: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = IOData

    private(set) var received = 0
    private(set) var sent = 0
    var onArrival: (Int) -> Void = { _ in }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let count = unwrapInboundIn(data).readableBytes
        received += count
        onArrival(count)
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        sent += unwrapOutboundIn(data).readableBytes
        context.write(data, promise: promise)
    }

    /// Bytes received and sent since the last call.
    func take() -> (received: Int, sent: Int) {
        defer {
            received = 0
            sent = 0
        }
        return (received, sent)
    }
}
