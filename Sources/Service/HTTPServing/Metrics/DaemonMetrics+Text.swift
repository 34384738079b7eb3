extension DaemonMetrics {
    /// Writes what was counted.
    func write(to text: inout MetricsText) {
        let state = snapshot
        text.add(
            "retuned_requests_total", "counter", "Requests answered, by route, method and status.",
            state.requests.map { key, count in
                (
                    MetricsText.labels([("route", key.route), ("method", key.method), ("status", key.status)]),
                    Double(count)
                )
            }.sorted { $0.0 < $1.0 })
        let name = "retuned_request_duration_seconds"
        text.head(name, "histogram", "Time from a request's head to its answer's last byte.")
        for (route, histogram) in state.seconds.sorted(by: { $0.key < $1.key }) {
            var total = 0
            for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], histogram.counts) {
                total += count
                text.line("\(name)_bucket", MetricsText.labels([("route", route), ("le", bound)]), Double(total))
            }
            text.line("\(name)_sum", MetricsText.labels([("route", route)]), histogram.sum)
            text.line("\(name)_count", MetricsText.labels([("route", route)]), Double(total))
        }
        text.add(
            "retuned_connections", "gauge", "Connections open now.",
            [("", Double(state.connections.values.reduce(0, +)))])
        text.add(
            "retuned_connections_refused_total", "counter", "Connections refused, by reason.",
            state.refusals.sorted { $0.key < $1.key }
                .map { (MetricsText.labels([("reason", $0.key)]), Double($0.value)) })
        text.add(
            "retuned_connections_cut_total", "counter", "Connections cut, by deadline.",
            state.cuts.sorted { $0.key < $1.key }
                .map { (MetricsText.labels([("reason", $0.key)]), Double($0.value)) })
        text.add(
            "retuned_ingest_records_total", "counter", "Records posted or logged by the gateway, by outcome.",
            IngestOutcome.allCases.map { outcome in
                (MetricsText.labels([("outcome", outcome.rawValue)]), Double(state.ingest[outcome] ?? 0))
            })
        text.add(
            "retuned_gateway_requests_total", "counter", "Chat completions forwarded, by outcome.",
            state.gateway.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) })
        text.add(
            "retuned_gateway_unlogged_total", "counter", "Answers of the gateway that could not be logged.",
            state.unlogged.sorted { $0.key < $1.key }.map { ($0.key, Double($0.value)) })
    }
}
