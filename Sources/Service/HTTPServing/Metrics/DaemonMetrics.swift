package import HTTPListener
import HTTPTypes
import Locking

/// Counts for `/metrics`. One for the process; its `observer` goes to every listener.
package final class DaemonMetrics: Sendable {
    struct RouteKey: Hashable {
        var route: String
        var method: String
        var status: String
    }

    struct Histogram {
        /// Upper ends in seconds.
        static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
        var counts = [Int](repeating: 0, count: bounds.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            sum += seconds
        }
    }

    struct State {
        var requests: [RouteKey: Int] = [:]
        var seconds: [String: Histogram] = [:]
        var connections: [ObjectIdentifier: Int] = [:]
        var refusals: [String: Int] = [:]
        var cuts: [String: Int] = [:]
        var ingest: [IngestOutcome: Int] = [:]
        var gateway: [String: Int] = [:]
        var unlogged: [String: Int] = [:]
    }

    private let state = Locked(State())

    package init() {}

    /// Tells of one listener.
    package var observer: ListenerObserver {
        let listener = ListenerIdentity()
        return ListenerObserver(
            requestFinished: { [self] request in count(request) },
            connectionsChanged: { [self] open in
                state.withLock { $0.connections[ObjectIdentifier(listener)] = open }
            },
            connectionRefused: { [self] reason in
                state.withLock { $0.refusals[reason.rawValue, default: 0] += 1 }
            },
            connectionCut: { [self] reason in
                state.withLock { $0.cuts[reason.rawValue, default: 0] += 1 }
            })
    }

    private final class ListenerIdentity: Sendable {}

    /// What a client sends in place of a method or a path never becomes a label.
    private func count(_ request: ListenerObserver.FinishedRequest) {
        let known: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        let method = known.contains(request.method.rawValue) ? request.method.rawValue : "other"
        let key = RouteKey(
            route: request.route ?? "none", method: method, status: request.status.map(String.init) ?? "cut")
        state.withLock { state in
            state.requests[key, default: 0] += 1
            state.seconds[key.route, default: Histogram()].add(request.seconds)
        }
    }

    func add(_ count: Int, to outcome: IngestOutcome) {
        if count > 0 { state.withLock { $0.ingest[outcome, default: 0] += count } }
    }

    func countGateway(deployment: String, outcome: String) {
        let labels = MetricsText.labels([("deployment", deployment), ("outcome", outcome)])
        state.withLock { $0.gateway[labels, default: 0] += 1 }
    }

    func countUnlogged(deployment: String) {
        state.withLock { $0.unlogged[MetricsText.labels([("deployment", deployment)]), default: 0] += 1 }
    }

    var snapshot: State { state.withLock { $0 } }
}
