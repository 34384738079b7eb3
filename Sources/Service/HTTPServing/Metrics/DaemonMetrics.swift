import HTTPTypes
package import HTTPListener
import Locking

/// Counters of the daemon, in Prometheus' text format.
package final class DaemonMetrics: Sendable {
    private struct Counts {
        var requests: [String: Int] = [:]
        var seconds: [String: (sum: Double, count: Int)] = [:]
        var connections = 0
        var refused: [String: Int] = [:]
        var cut: [String: Int] = [:]
        var ingest: [String: Int] = ["accepted": 0, "duplicate": 0, "rejected": 0]
        var gateway: [String: Int] = ["ok": 0, "failed": 0]
        var isLogFull = false
    }

    private let counts = Locked(Counts())

    package init() {}

    /// What the listener tells.
    package var observer: ListenerObserver {
        ListenerObserver(
            requestFinished: { [counts] request in
                let route = request.route ?? "other"
                let key =
                    "route=\"\(route)\",method=\"\(request.method.rawValue)\",status=\"\(request.status.map(String.init) ?? "cut")\""
                counts.withLock { counts in
                    counts.requests[key, default: 0] += 1
                    let seconds = counts.seconds[route] ?? (0, 0)
                    counts.seconds[route] = (seconds.sum + request.seconds, seconds.count + 1)
                }
            },
            connectionsChanged: { [counts] count in counts.withLock { $0.connections = count } },
            connectionRefused: { [counts] reason in counts.withLock { $0.refused[reason.rawValue, default: 0] += 1 } },
            connectionCut: { [counts] reason in counts.withLock { $0.cut[reason.rawValue, default: 0] += 1 } })
    }

    func ingested(accepted: Int = 0, duplicates: Int = 0, rejected: Int = 0) {
        counts.withLock { counts in
            counts.ingest["accepted", default: 0] += accepted
            counts.ingest["duplicate", default: 0] += duplicates
            counts.ingest["rejected", default: 0] += rejected
        }
    }

    func gateway(failed: Bool) {
        counts.withLock { $0.gateway[failed ? "failed" : "ok", default: 0] += 1 }
    }

    /// Whether the log took nothing at the last attempt.
    func logFull(_ isFull: Bool) {
        counts.withLock { $0.isLogFull = isFull }
    }

    var isLogFull: Bool { counts.withLock { $0.isLogFull } }

    /// The text of `/metrics`; `gauges` are added as they are.
    func text(gauges: [(name: String, labels: String, value: Double)]) -> String {
        let counts = counts.withLock { $0 }
        var lines: [String] = []
        func family(_ name: String, _ type: String, _ rows: [(String, String)]) {
            lines.append("# TYPE \(name) \(type)")
            for (labels, value) in rows {
                lines.append(labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)")
            }
        }
        family(
            "retuned_requests_total", "counter",
            counts.requests.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") })
        lines.append("# TYPE retuned_request_duration_seconds summary")
        for (route, seconds) in counts.seconds.sorted(by: { $0.key < $1.key }) {
            lines.append("retuned_request_duration_seconds_sum{route=\"\(route)\"} \(seconds.sum)")
            lines.append("retuned_request_duration_seconds_count{route=\"\(route)\"} \(seconds.count)")
        }
        func labelled(_ label: String, _ values: [String: Int]) -> [(String, String)] {
            values.sorted { $0.key < $1.key }.map { ("\(label)=\"\($0.key)\"", "\($0.value)") }
        }
        family("retuned_connections", "gauge", [("", "\(counts.connections)")])
        family("retuned_connections_refused_total", "counter", labelled("reason", counts.refused))
        family("retuned_connections_cut_total", "counter", labelled("reason", counts.cut))
        family("retuned_ingested_records_total", "counter", labelled("outcome", counts.ingest))
        family("retuned_gateway_answers_total", "counter", labelled("outcome", counts.gateway))
        var seen = Set<String>()
        for gauge in gauges {
            if seen.insert(gauge.name).inserted { lines.append("# TYPE \(gauge.name) gauge") }
            lines.append(
                gauge.labels.isEmpty ? "\(gauge.name) \(gauge.value)" : "\(gauge.name){\(gauge.labels)} \(gauge.value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
