package import NIOCore

/// When a connection has to be cut: a value, told what happens and asked for the next deadline.
///
/// Inbound, a connection is in one phase at a time. `header` and `idle` run on the clock; `body` counts only time in
/// which a read was outstanding, so that a handler that is slow to take the body does not harm its client, and begins only
/// with `100 Continue` where the client waits for that; `busy` (the request is read, its answer is being made) has no
/// inbound deadline. Outbound, the clock runs while something is
/// written and starts anew whenever the client has taken a piece.
package struct ConnectionDeadlines {
    /// What the client is expected to send, and since when; for a body, the time in which a read of it was outstanding,
    /// and its bytes so far.
    package enum Phase: Equatable {
        /// The next head is coming, or, on a new connection, is waited for. Becomes `body`.
        case header(since: NIODeadline)
        /// Kept alive between two requests. Becomes `header` at the first byte.
        case idle(since: NIODeadline)
        /// A body is coming. Becomes `busy` at its end.
        case body(waited: TimeAmount, bytes: Int)
        /// Nothing is expected of the client. Becomes `idle` or `header` after the answer.
        case busy
        /// Answered and closing; what still comes is thrown away. Never becomes anything else.
        case lingering(since: NIODeadline)
    }

    private let limits: Limits
    package private(set) var phase: Phase
    private var readSince: NIODeadline?
    /// The client waits for `100 Continue` before it sends its body: that it does not come is not its fault.
    private var isHeldBack = false
    private var writeSince: NIODeadline?
    private var writesOutstanding = 0

    private struct Limits {
        var header: TimeAmount
        var body: TimeAmount
        var grace: TimeAmount
        var write: TimeAmount
        var idle: TimeAmount
        var lingering: TimeAmount
        var bytesPerSecond: Int
    }

    package init(_ limits: ListenerLimits, now: NIODeadline) {
        self.limits = Limits(
            header: TimeAmount(limits.headerDeadline), body: TimeAmount(limits.bodyDeadline),
            grace: TimeAmount(limits.bodyGrace), write: TimeAmount(limits.writeDeadline),
            idle: TimeAmount(limits.idleTimeout), lingering: TimeAmount(limits.lingering),
            bytesPerSecond: max(1, limits.bodyBytesPerSecond))
        phase = .header(since: now)
    }

    package mutating func readStarted(now: NIODeadline) {
        if readSince == nil { readSince = now }
    }

    package mutating func readEnded(now: NIODeadline) {
        if case .body(let waited, let bytes) = phase, !isHeldBack, let readSince {
            phase = .body(waited: waited + (now - readSince), bytes: bytes)
        }
        readSince = nil
    }

    package mutating func bytesArrived(now: NIODeadline) {
        if case .idle = phase { phase = .header(since: now) }
    }

    package mutating func headArrived(expectsContinue: Bool = false, now: NIODeadline) {
        phase = .body(waited: .zero, bytes: 0)
        isHeldBack = expectsContinue
        // Time before the head does not count against the body.
        if readSince != nil { readSince = now }
    }

    /// `100 Continue` goes out.
    package mutating func continued(now: NIODeadline) {
        isHeldBack = false
        if readSince != nil { readSince = now }
    }

    package mutating func bodyArrived(bytes more: Int) {
        isHeldBack = false
        if case .body(let waited, let bytes) = phase { phase = .body(waited: waited, bytes: bytes + more) }
    }

    package mutating func requestArrived() {
        phase = .busy
    }

    /// `withinHead`: some of the next head has come already.
    package mutating func answered(withinHead: Bool, now: NIODeadline) {
        if case .lingering = phase { return }
        phase = withinHead ? .header(since: now) : .idle(since: now)
    }

    package mutating func lingered(now: NIODeadline) {
        phase = .lingering(since: now)
    }

    package mutating func writeStarted(now: NIODeadline) {
        writesOutstanding += 1
        if writeSince == nil { writeSince = now }
    }

    package mutating func writeEnded(now: NIODeadline) {
        writesOutstanding -= 1
        writeSince = writesOutstanding > 0 ? now : nil
    }

    /// The next instant at which the connection is to be cut unless something happens before, and for what.
    package var next: (at: NIODeadline, cut: ListenerObserver.Cut)? {
        let inbound: (at: NIODeadline, cut: ListenerObserver.Cut)? =
            switch phase {
            case .header(let since): (since + limits.header, .header)
            case .idle(let since): (since + limits.idle, .idle)
            case .lingering(let since): (since + limits.lingering, .lingering)
            case .busy: nil
            case .body where isHeldBack: nil
            case .body(let waited, let bytes):
                readSince.map { since in
                    let atRate = TimeAmount.nanoseconds(
                        Int64(Double(bytes) / Double(limits.bytesPerSecond) * 1e9))
                    let allowed = min(limits.body, max(limits.grace, atRate))
                    return (since + (allowed - waited), .body)
                }
            }
        guard let writeSince else { return inbound }
        let outbound = (at: writeSince + limits.write, cut: ListenerObserver.Cut.write)
        guard let inbound, inbound.at < outbound.at else { return outbound }
        return inbound
    }
}
