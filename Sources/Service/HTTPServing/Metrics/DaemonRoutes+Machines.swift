import API
import FeedbackLoop
import Glibc
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Values

/// What machines ask: whether the process lives, whether it takes records, and its counts.
extension DaemonRoutes {
    func showHealth() throws -> Response {
        try .object(HealthView(status: "ok", checks: [HealthCheck(check: "process", ok: true, detail: "it answers")]))
    }

    /// Ready means that records are taken and synced. Trouble with a serving back end is said and does not count: ingest
    /// goes on without it.
    func showReadiness() async throws -> Response {
        var checks: [HealthCheck] = []
        do {
            checks.append(Self.storeCheck(try await context.store.health()))
        } catch {
            checks.append(HealthCheck(check: "store", ok: false, detail: "\(error)"))
        }
        let isReady = checks.allSatisfy(\.ok)
        for deployment in context.deployments {
            checks.append(Self.servingCheck("serving \(deployment.name)", deployment, deployment.loop.view))
        }
        return try .object(
            HealthView(status: isReady ? "ok" : "it takes no records now", checks: checks),
            status: isReady ? .ok : .serviceUnavailable)
    }

    func showMetrics() async throws -> Response {
        var text = MetricsText()
        context.metrics.write(to: &text)
        if let health = try? await context.store.health() {
            text.add(
                "retuned_store_accepts_ingest", "gauge", "1 where records are taken, 0 where the disk is full.",
                [("", health.acceptsIngest ? 1 : 0)])
            text.add(
                "retuned_store_bytes", "gauge", "Size of the store's files.",
                [
                    (MetricsText.labels([("file", "database")]), Double(health.databaseBytes)),
                    (MetricsText.labels([("file", "writeAheadLog")]), Double(health.writeAheadLogBytes)),
                ])
        }
        let statistics = context.store.statistics
        text.add("retuned_store_commits_total", "counter", "Synced commits.", [("", Double(statistics.commits))])
        text.add(
            "retuned_store_operations_total", "counter", "Writes that the commits held.",
            [("", Double(statistics.operations))])
        if let deliveries = try? await context.store.deliveries(limit: 1000) {
            text.add(
                "retuned_outbox_deliveries", "gauge", "The latest 1000 webhook deliveries, by status.",
                DeliveryRecord.Status.allCases.map { status in
                    (
                        MetricsText.labels([("status", status.rawValue)]),
                        Double(deliveries.count { $0.status == status })
                    )
                })
        }
        writeLoops(to: &text)
        if let bytes = Self.residentBytes() {
            text.add(
                "process_resident_memory_bytes", "gauge", "Resident memory of the daemon.", [("", Double(bytes))])
        }
        return .text(text.text, contentType: "text/plain; version=0.0.4; charset=utf-8")
    }

    private func writeLoops(to text: inout MetricsText) {
        text.add(
            "retuned_loop_state", "gauge", "1 for the state that a deployment's loop is in.",
            context.deployments.flatMap { deployment in
                let current = CycleState(loopName: deployment.loop.view.stateName)
                return CycleState.allCases.map { state in
                    (
                        MetricsText.labels([("deployment", deployment.name), ("state", state.rawValue)]),
                        state == current ? 1.0 : 0.0
                    )
                }
            })
        text.add(
            "retuned_serving_ok", "gauge", "1 where no trouble with the serving back end is known.",
            context.deployments.map { deployment in
                (
                    MetricsText.labels([("deployment", deployment.name)]),
                    deployment.loop.view.servingTrouble == nil ? 1 : 0
                )
            })
    }

    /// Second number of `/proc/self/statm`, in pages.
    private static func residentBytes() -> Int? {
        guard let file = unsafe fopen("/proc/self/statm", "r") else { return nil }
        defer { unsafe fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe fread(&buffer, 1, buffer.count, file)
        let words = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        guard words.count > 1, let pages = Int(words[1]) else { return nil }
        return pages * Int(getpagesize())
    }
}
