import API
import Values

/// Objects of the API for the screens, with times that never change.
enum RetunectlExamples {
    static let noon = Timestamp("2026-05-01T12:00:00Z")!
    static func hours(_ count: Double) -> Timestamp { noon.advanced(bySeconds: count * 3600) }

    static let deployment = DeploymentView(
        name: "support-en", mode: .act,
        serving: ServingView(adapter: "support-en-v3", since: noon, reason: "experiment e-11 promoted it"),
        cycle: CycleSummary(
            id: "c-13", state: .experimenting, step: 2, since: hours(5), trigger: "drift",
            next: "look at 14:05; decides at about 420 rated units"),
        cost: ["cpuSeconds": 91.2],
        health: [HealthCheck(check: "serving", ok: true, detail: "answers")],
        counts: DeploymentCounts(interactions: 12_000, ratings: 5100, units: 1))

    static func experiment() -> ExperimentView {
        ExperimentView(
            id: "e-12", deployment: "support-en", cycle: "c-13", state: .running, incumbent: "support-en-v3",
            candidate: "support-en-v4", started: noon,
            arms: [
                ArmView(
                    arm: "incumbent", adapter: "support-en-v3", units: 1204, rated: 611, mean: 0.612,
                    interval: [0.571, 0.653]),
                ArmView(arm: "candidate", adapter: "support-en-v4", units: 1198, rated: 602, mean: 0.671),
            ], goal: "thumb", alpha: 0.05, harmAlpha: 0.2, tuning: 0.01, minimumEffect: 0.02,
            design: DesignView(
                burnInUnits: 50, leastStepUnits: 50, leastStepSeconds: 86_400, longestSeconds: 28 * 86_400,
                ratingsPerRaterPerDay: 200, ratingsPerUnitPerDay: 50, daySeconds: 86_400, errorMargin: 0.02,
                latencyRatio: 1.5, holdBack: false,
                newcomersAside: nil, scale: ScaleView(worst: 0, best: 1)),
            salt: "s", exposure: 25, step: 2,
            ramp: [
                RampStepView(exposure: 5, started: noon, ended: hours(24), reason: "no harm seen"),
                RampStepView(exposure: 25, started: hours(24)), RampStepView(exposure: 50),
            ],
            looks: [
                LookView(
                    time: hours(1), step: 1, units: 10, rated: 3, harmPairs: 1, harmLogWealth: 0,
                    assignmentPValue: 1, raterPValue: 1, decision: "goOn"),
                LookView(
                    time: hours(30), step: 2, units: 2402, rated: 1213, difference: 0.059, interval: [-0.012, 0.13],
                    harmPairs: 602, harmLogWealth: 0.25, assignmentPValue: 0.91, raterPValue: 0.8,
                    perRequest: PerRequestView(good: 0.021, bad: -0.03, rated: -0.009, bounds: [-0.5, 0.49]),
                    decision: "goOn"),
            ],
            guardrails: [
                GuardrailView(
                    name: "latency", incumbent: 84.1, candidate: 86, limit: 1.5, ok: true,
                    detail: "1.02 times the incumbent's"),
                GuardrailView(name: "errors", ok: false, detail: "4% more errors"),
            ],
            sampleRatio: SampleRatioView(
                assignments: SampleRatioCheck(incumbent: 1204, candidate: 1198, pValue: 0.91, ok: true),
                raters: SampleRatioCheck(incumbent: 611, candidate: 602, pValue: 0.8, ok: true),
                requests: RatedShareCheck(incumbent: 0.31, candidate: 0.3, ok: true)),
            next: "look at 15:00; decides at about 1,600 rated units")
    }

    static func impact() -> ImpactView {
        let names = ["self_attn.q_proj", "mlp.up_proj", "mlp.down_proj"]
        var modules: [ModuleView] = []
        for layer in 0..<2 {
            for (index, name) in names.enumerated() {
                let score = Double((layer + 1) * (index + 1)) / 6 - 0.05
                modules.append(
                    ModuleView(
                        name: "layers.\(layer).\(name)", score: score, standardError: 0.01, cost: 128,
                        rank: layer == 1 && index == 2 ? 8 : 0))
            }
        }
        return ImpactView(
            deployment: "support-en", cycle: "c-13", measured: noon, method: "gradient", units: 212, modules: modules,
            parameterBudget: 200_000, selectedParameters: 1024)
    }
}
