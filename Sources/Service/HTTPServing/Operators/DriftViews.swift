import API
import FeedbackLoop
import Hummingbird
import Settings
import Store
import Traffic
import Values

extension DaemonRoutes {
    func showDrift(_ call: Call) async throws -> Response {
        try .object(try await driftView(of: try deployment(of: call)))
    }

    private func driftView(of deployment: ServedDeployment) async throws -> WireDriftView {
        let drift = deployment.loop.view.drift
        let budget = deployment.settings.drift.falseAlarms
        let detector = DetectorView(
            name: "queries", state: drift.phase == "drifted" ? "alarmed" : drift.phase, statistic: drift.evidence,
            threshold: drift.threshold, effectSize: drift.effect, observations: drift.referenceQueries,
            detail: drift.phase == "learning"
                ? "\(drift.referenceQueries) of \(drift.queriesNeeded) queries of the reference are there"
                : drift.episode?.reason ?? "recent queries look like the reference")
        var earlier: [AlarmView] = []
        for episode in drift.earlier { earlier.append(try await alarm(episode, of: deployment.name)) }
        return WireDriftView(
            deployment: deployment.name, detectors: [detector],
            falseAlarms: "\(budget.count) per \(DurationText.format(budget.period))",
            alarm: try await drift.episode.asyncMap { try await alarm($0, of: deployment.name) }, earlier: earlier)
    }

    /// An episode as people see it; its examples are read from the log, so that what was erased since is not shown.
    func alarm(_ episode: DriftEpisode, of deployment: String) async throws -> AlarmView {
        var queries: [String] = []
        for id in episode.examples {
            let messages = try await context.store.interaction(deployment: deployment, id: id)?.logged.interaction
                .messages
            if case .text(let text)? = messages?.last(where: { $0.role == "user" })?.content { queries.append(text) }
        }
        func share(_ count: Int, of queries: Int) -> Double { Double(count) / Double(max(1, queries)) }
        return AlarmView(
            id: "\(deployment)-\(episode.since.milliseconds)",
            detector: episode.kind == .ratings ? "ratings" : "queries", time: episode.since, ended: episode.ended,
            effectSize: episode.effect ?? 0, summary: episode.reason,
            newTerms: episode.newTerms.map { term in
                TermChange(
                    term: term.term, before: share(term.reference, of: episode.referenceQueries),
                    after: share(term.recent, of: episode.recentQueries))
            }, newQueries: queries)
    }
}
