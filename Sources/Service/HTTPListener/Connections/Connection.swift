import Locking
import NIOCore
import NIOHTTP1

/// One client connection, as its task sees it.
final class Connection: Sendable {
    let channel: any Channel
    let peer: Peer
    let presence = ClientPresence()
    private let inbox = Inbox()
    private let handler: NIOLoopBound<ConnectionHandler>
    private let quiescing = Locked(false)

    /// Sets up the pipeline of an accepted `channel`, on its event loop.
    init(
        channel: any Channel, peer: Peer, limits: ListenerLimits,
        onCut: @escaping @Sendable (ListenerObserver.Cut) -> Void
    ) throws {
        self.channel = channel
        self.peer = peer
        let meter = ByteMeter()
        let handler = ConnectionHandler(
            inbox: inbox, presence: presence, meter: meter, limits: limits, onCut: onCut)
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.headerBytes
        decoderLimits.maxHeaderListSize = limits.headerBytes
        decoderLimits.maxHeaderFieldCount = limits.headerFields
        // The connection frames its answers itself: it alone knows of HEAD and of HTTP/1.0.
        var encoder = HTTPResponseEncoder.Configuration()
        encoder.automaticallySetFramingHeaders = false
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(meter)
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false, withOutboundHeaderValidation: true,
            withEncoderConfiguration: encoder, withDecoderLimitConfiguration: decoderLimits)
        try pipeline.addHandler(handler)
    }

    /// The next part of what the client sends; `nil` where it ended cleanly between requests.
    func next() async throws -> HTTPServerRequestPart? {
        try await inbox.next { onLoop { $0.pump() } }
    }

    /// Writes and waits until the kernel has taken it: that is the back-pressure of streamed answers.
    func write(_ parts: [HTTPServerResponsePart]) async throws {
        let handler = handler
        try await channel.eventLoop.flatSubmit { [eventLoop = channel.eventLoop] in
            handler.value.write(parts) ?? eventLoop.makeFailedFuture(RequestFailure.clientLeft)
        }.get()
    }

    /// The client left or its request was refused: nothing more can be read.
    var hasFailed: Bool { inbox.hasFailed }

    func writeContinue() async throws {
        try await write([.head(HTTPResponseHead(version: .http1_1, status: .continue))])
    }

    /// The answer is complete; returns the bytes received and sent for it.
    func answered() async -> (received: Int, sent: Int) {
        presence.answerCompleted()
        let handler = handler
        return await (try? channel.eventLoop.submit { handler.value.answered() }.get()) ?? (0, 0)
    }

    /// Closes after the client has had time to read the last answer.
    func linger() async {
        onLoop { $0.linger() }
        try? await channel.closeFuture.get()
    }

    func close() async {
        onLoop { $0.close() }
        try? await channel.closeFuture.get()
    }

    func abort() {
        channel.close(promise: nil)
    }

    func quiesce() {
        quiescing.withLock { $0 = true }
        onLoop { $0.quiesce() }
    }

    var isQuiescing: Bool { quiescing.withLock { $0 } }

    private func onLoop(_ action: @escaping @Sendable (ConnectionHandler) -> Void) {
        let handler = handler
        channel.eventLoop.execute { action(handler.value) }
    }
}
