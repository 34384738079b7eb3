import API
import FeedbackLoop
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Values

extension DaemonRoutes {
    var machineHandlers: [String: Handler] {
        [
            "GET /v1/openapi.json": { _ in .json(OpenAPIDocument.make().serialized) },
            "GET /healthz": { _ in try .object(HealthView(status: "ok", checks: [])) },
            "GET /readyz": { _ in
                let checks = await health()
                let isReady = checks.first { $0.check == "store" }?.ok ?? false
                return try .object(
                    HealthView(status: isReady ? "ok" : "unavailable", checks: checks),
                    status: isReady ? .ok : .serviceUnavailable)
            },
            "GET /metrics": { _ in
                .text(context.metrics.text(gauges: try await gauges()), contentType: "text/plain; version=0.0.4")
            },
        ]
    }

    /// The store, and the serving back end of each deployment; only the store decides whether records are taken.
    func health() async -> [HealthCheck] {
        var checks: [HealthCheck] = []
        do {
            let health = try await context.store.health()
            checks.append(HealthCheck(check: "store", ok: true, detail: "\(health)"))
        } catch {
            checks.append(HealthCheck(check: "store", ok: false, detail: "\(error)"))
        }
        for deployment in context.deployments {
            let trouble = deployment.loop.view.servingTrouble
            checks.append(
                HealthCheck(check: "serving \(deployment.name)", ok: trouble == nil, detail: trouble ?? "answers"))
        }
        return checks
    }

    private func gauges() async throws -> [(name: String, labels: String, value: Double)] {
        var gauges: [(name: String, labels: String, value: Double)] = []
        for deployment in context.deployments {
            let view = deployment.loop.view
            gauges.append(("retuned_loop_state", "deployment=\"\(deployment.name)\",state=\"\(view.stateName)\"", 1))
            if let evidence = view.drift.evidence {
                gauges.append(("retuned_drift_log_evidence", "deployment=\"\(deployment.name)\"", evidence))
            }
        }
        gauges.append(
            ("retuned_webhook_dead_letters", "", Double(try await context.store.deadLetters(limit: 1000).count)))
        return gauges
    }
}
