import NIOCore
import NIOHTTP1

/// A connection's part on the event loop: reads when there is room, keeps the deadlines, writes.
///
/// Reading is never automatic. One read is outstanding at a time, and none while a request is being answered: what a
/// client pipelines beyond one read waits in the kernel.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let inbox: Inbox
    private let presence: ClientPresence
    private let meter: ByteMeter
    private let limits: ListenerLimits
    private let onCut: @Sendable (ListenerObserver.Cut) -> Void
    private var deadlines: ConnectionDeadlines
    private var context: ChannelHandlerContext?
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture
    private var isReading = false
    /// Bytes of a head whose end has not come.
    private var headBytes = 0
    private var isFirstHead = true
    /// A request was read and its answer is not complete.
    private var isAnswering = false
    private var hasFailed = false

    init(
        inbox: Inbox, presence: ClientPresence, meter: ByteMeter, limits: ListenerLimits,
        onCut: @escaping @Sendable (ListenerObserver.Cut) -> Void
    ) {
        self.inbox = inbox
        self.presence = presence
        self.meter = meter
        self.limits = limits
        self.onCut = onCut
        deadlines = ConnectionDeadlines(limits, now: .now())
        meter.onArrival = { [unowned self] count in bytesArrived(count) }
    }

    // MARK: What comes in

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { begin() }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin()
        context.fireChannelActive()
    }

    private func begin() {
        pump()
        arm()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        timer?.cancel()
        timer = nil
        self.context = nil
        meter.onArrival = { _ in }
        context.fireChannelInactive()
    }

    private func bytesArrived(_ count: Int) {
        deadlines.bytesArrived(now: .now())
        if case .header = deadlines.phase { headBytes += count }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .lingering = deadlines.phase { return }
        if hasFailed { return }
        let part = unwrapInboundIn(data)
        switch part {
        case .head(let head):
            headBytes = 0
            isFirstHead = false
            isAnswering = true
            deadlines.headArrived(expectsContinue: head.expectsContinue, now: .now())
        case .body(let buffer):
            deadlines.bodyArrived(bytes: buffer.readableBytes)
        case .end:
            deadlines.requestArrived()
        }
        inbox.put(part)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        deadlines.readEnded(now: .now())
        if headBytes > limits.headerBytes, case .header = deadlines.phase {
            fail(.refused(.headersTooLarge(limits)))
        }
        pump()
        arm()
        context.fireChannelReadComplete()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            if case .lingering = deadlines.phase {
                context.close(promise: nil)
                return
            }
            leave()
            return
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .lingering = deadlines.phase { return }
        switch error {
        case HTTPParserError.headerOverflow: fail(.refused(.headersTooLarge(limits)))
        case HTTPParserError.invalidEOFState: leave()
        case let error as HTTPParserError:
            fail(.refused(.badRequest("The request breaks HTTP/1.1: \(error.debugDescription)")))
        default:
            leave()
            context.close(promise: nil)
        }
    }

    private func fail(_ failure: RequestFailure) {
        hasFailed = true
        // Nothing more is expected: the answer ends the connection.
        deadlines.requestArrived()
        inbox.finish(.failure(failure))
    }

    private func leave() {
        // Between two requests it is a clean end.
        inbox.finish(isBetweenRequests ? .success(()) : .failure(.clientLeft))
        presence.leave()
    }

    private var isBetweenRequests: Bool {
        switch deadlines.phase {
        case .idle, .busy: headBytes == 0
        case .header: isFirstHead && headBytes == 0
        case .body, .lingering: false
        }
    }

    // MARK: Reading and deadlines

    /// Asks for more where there is room and a reason.
    func pump() {
        guard let context, !isReading, !hasFailed || isLingering else { return }
        switch deadlines.phase {
        case .busy: return
        case .body where !inbox.hasRoom(): return
        default: break
        }
        isReading = true
        deadlines.readStarted(now: .now())
        context.read()
        arm()
    }

    private var isLingering: Bool {
        if case .lingering = deadlines.phase { true } else { false }
    }

    /// Has the timer fire at the next deadline. A timer that fires too early only looks again.
    private func arm() {
        guard let context, let next = deadlines.next else { return }
        guard timer == nil || next.at < timerAt else { return }
        timer?.cancel()
        timerAt = next.at
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next.at) { self.timerFired() }
    }

    private func timerFired() {
        timer = nil
        guard let next = deadlines.next else { return }
        guard next.at <= .now() else { return arm() }
        cut(next.cut)
    }

    private func cut(_ cut: ListenerObserver.Cut) {
        onCut(cut)
        switch cut {
        case .idle, .write, .lingering: context?.close(promise: nil)
        case .header:
            // Whoever sent nothing at all is not told anything.
            if headBytes == 0 {
                context?.close(promise: nil)
            } else {
                fail(
                    .refused(
                        .requestTimeout("The head of the request was not complete within \(limits.headerDeadline).")))
            }
        case .body:
            fail(
                .refused(
                    .requestTimeout(
                        "The body came too slowly: it must come within \(limits.bodyDeadline), at no less than "
                            + "\(limits.bodyBytesPerSecond) bytes a second.")))
        }
    }

    // MARK: What goes out

    /// Writes `parts` and flushes; the future succeeds when the kernel has taken all of them.
    func write(_ parts: [HTTPServerResponsePart]) -> EventLoopFuture<Void>? {
        guard let context, let last = parts.indices.last else { return nil }
        if case .head(let head) = parts[0], head.status == .continue { deadlines.continued(now: .now()) }
        deadlines.writeStarted(now: .now())
        let promise = context.eventLoop.makePromise(of: Void.self)
        for index in parts.indices {
            context.write(wrapOutboundOut(parts[index]), promise: index == last ? promise : nil)
        }
        context.flush()
        promise.futureResult.assumeIsolated().whenComplete { [self] _ in deadlines.writeEnded(now: .now()) }
        arm()
        return promise.futureResult
    }

    /// The answer is complete; returns the bytes received and sent for it.
    func answered() -> (received: Int, sent: Int) {
        // What was pipelined behind it is answered next.
        isAnswering = !inbox.isEmpty
        // A body that the route left unread is still coming, under the body's deadline.
        if !hasFailed, !isAnswering, case .busy = deadlines.phase {
            deadlines.answered(withinHead: headBytes > 0, now: .now())
            pump()
            arm()
        }
        return meter.take()
    }

    var bytesSoFar: (received: Int, sent: Int) { (meter.received, meter.sent) }

    /// Sends the end of the stream and throws away what still comes, for a while.
    func linger() {
        guard let context, !isLingering else { return }
        deadlines.lingered(now: .now())
        context.close(mode: .output, promise: nil)
        pump()
        arm()
    }

    func close() {
        context?.close(promise: nil)
    }

    /// No further requests: a connection between two requests closes, one with a request in flight after its answer.
    func quiesce() {
        if !isAnswering, inbox.isEmpty, isBetweenRequests { context?.close(promise: nil) }
    }
}
