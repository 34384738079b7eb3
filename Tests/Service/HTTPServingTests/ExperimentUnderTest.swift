import Experimentation
import FeedbackLoop
import Store
import Values

/// A loop in the middle of an experiment: the base against `support-en-v2`, every unit in one of the arms.
enum ExperimentUnderTest {
    static let id = "e-1"

    static var design: ExperimentDesign {
        ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.05, steps: [0.5], leastStepSeconds: 60, leastStepUnits: 10,
            longestSeconds: 86_400, minimumEffect: 0.05, burnInUnits: 10, tuning: 1000, latencyRatio: 1.5,
            errorMargin: 0.05, burstLimits: BurstLimits(hourly: [Int](repeating: 20, count: 24)))
    }

    static func commit(into store: DurableStore) async throws {
        let now = DaemonUnderTest.now.description
        var state = LoopState(
            serving: LoopState.Serving(adapter: nil, since: DaemonUnderTest.now, reason: "the beginning"))
        state.cycle = try StrictJSON.decode(
            Cycle.self,
            from: [
                "id": "c-1", "trigger": ["kind": "drift", "reason": "new queries", "actor": "loop"],
                "started": .string(now), "stage": ["experimenting": ["step": 0]], "since": .string(now),
                "recentFrom": .string(now), "candidate": "support-en-v2", "experiment": .string(id),
            ])
        state.counters.adapter = 2
        var commit = LoopCommit(
            deployment: DaemonUnderTest.deployment,
            state: .init(
                expectedRevision: 0,
                value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(state))))
        commit.cycles = [
            CycleRecord(
                id: "c-1", deployment: DaemonUnderTest.deployment, state: "experimenting", trigger: "drift",
                started: DaemonUnderTest.now, ended: nil, outcome: nil, reason: nil,
                details: try StrictJSON.encode(state.cycle))
        ]
        commit.adapters = [
            AdapterRecord(
                deployment: DaemonUnderTest.deployment, name: "support-en-v2", version: 2, status: .trained,
                cycle: "c-1", created: DaemonUnderTest.now, folder: "support-en-v2", digest: "sha256:00")
        ]
        commit.experiments = [
            ExperimentRecord(
                id: id, deployment: DaemonUnderTest.deployment, cycle: "c-1", incumbent: "support-en",
                candidate: "support-en-v2", salt: "salt", design: try StrictJSON.encode(design),
                state: VersionedValue(
                    version: 1, bytes: try StrictJSON.encodeBytes(Experiment(design: design))),
                started: DaemonUnderTest.now)
        ]
        commit.lineage = [
            LineageRecord(
                adapter: "support-en-v2", record: "sha256:aa", interaction: "i-1", rating: "r-1", set: .train,
                weight: 1)
        ]
        commit.dossier = [
            DossierPart(cycle: "c-1", name: "trigger", value: ["kind": "drift"]),
            DossierPart(cycle: "c-1", name: "data", value: ["rows": 12]),
            DossierPart(
                cycle: "c-1", name: "alarm",
                value: [
                    "kind": "drift", "since": .string(now), "onset": .string(now), "reason": "queries changed",
                    "effect": 0.9, "recentQueries": 200, "referenceQueries": 1000,
                    "newTerms": [["term": "invoice", "recent": 50, "reference": 10]], "examples": ["i-1", "i-gone"],
                    "isHandled": true,
                ]),
            DossierPart(
                cycle: "c-1", name: "window",
                value: [
                    "from": .string(now), "to": .string(now), "interactions": 40, "ratings": 30, "units": 20,
                    "redactions": ["email": 3],
                ]),
        ]
        try await store.commit(commit)
    }
}
