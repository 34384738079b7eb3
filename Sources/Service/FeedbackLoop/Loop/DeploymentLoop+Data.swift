import Contracts
import Locking
package import Settings
import Statistics
import Store
package import Traffic
import Tuning
import Values

extension DeploymentLoop {
    /// Waits until enough new traffic is labelled; then the cycle goes on with the log as it stands now.
    func gather(_ cycle: Cycle, earliest: Timestamp, deadline: Timestamp, at now: Timestamp) async throws {
        guard now >= earliest, isDue("data", every: lookSeconds, at: now) else { return }
        let position = try await context.store.position()
        let limit = Cycle.DataLimit(interactions: position.interactions, ratings: position.ratings)
        // A golden set that cannot be read fails the first job, which says why.
        let golden = (try? GoldenSet.examples(path: context.deployment.goldenSet)) ?? []
        let data = try await trainingData(
            recentFrom: cycle.recentFrom, through: limit, golden: golden, seed: seed(of: cycle))
        let lacking = shortage(of: data.report)
        inner.withLock { $0.gatheringNote = lacking }
        if lacking != nil, now < deadline { return }
        let event: LoopEvent =
            if let lacking { .dataLacking(reason: "too few data: \(lacking)") } else { .dataReady(limit) }
        let window = DataWindow(
            from: cycle.recentFrom, to: now,
            counts: try await context.store.windowCounts(
                deployment: name, from: cycle.recentFrom, position: position))
        try await apply(event, at: now) { commit, _ in
            commit.dossier = [
                DossierPart(cycle: cycle.id, name: "trigger", value: try StrictJSON.encode(cycle.trigger)),
                DossierPart(cycle: cycle.id, name: "data", value: try StrictJSON.encode(data.report)),
                DossierPart(cycle: cycle.id, name: "window", value: try StrictJSON.encode(window)),
            ]
        }
    }

    /// What is missing before a training makes sense, in a sentence; nil where nothing is.
    private func shortage(of report: DataReport) -> String? {
        let training = context.deployment.training
        let gate = context.deployment.gate
        if report.trainCorrections < training.leastCorrections {
            return
                "\(report.trainCorrections) of \(training.leastCorrections) corrections to learn from; attach the right answer to bad ratings"
        }
        if report.heldout < Self.leastHeldout {
            return "\(report.heldout) of \(Self.leastHeldout) rated rows of held-out units"
        }
        if gate.enabled, report.old < gate.leastOldRows {
            return
                "\(report.old) of \(gate.leastOldRows) older rated rows of held-out units, without which nobody can say that nothing was lost"
        }
        if Double(report.replay) < Double(report.train) / 3 {
            return
                "\(report.replay) older rows to replay beside \(report.train - report.replay) new ones; a third is needed"
        }
        return nil
    }

    private static var leastHeldout: Int { 50 }

    /// The rows of a cycle's jobs: a function of the records up to its limit, the golden set and the seed.
    func trainingData(of cycle: Cycle) async throws -> TrainingData {
        guard let through = cycle.dataThrough else { throw LoopFault("the cycle has no data") }
        let golden = try GoldenSet.examples(path: context.deployment.goldenSet)
        return try await trainingData(
            recentFrom: cycle.recentFrom, through: through, golden: golden, seed: seed(of: cycle))
    }

    private func trainingData(
        recentFrom: Timestamp, through: Cycle.DataLimit, golden: [TrainingExample], seed: UInt64
    ) async throws -> TrainingData {
        let training = context.deployment.training
        let rules = TrainingDataRules(
            recentFrom: recentFrom,
            nearFrom: recentFrom.advanced(bySeconds: -context.settings.scaled(training.window)), scales: scales,
            goal: context.deployment.goalScale,
            heldoutShare: training.heldoutShare, replayShare: training.replayShare, rowsPerUnit: training.rowsPerUnit,
            rowsPerRater: training.rowsPerRater, maximumRows: training.maximumRows,
            ownAnswersShare: training.ownAnswersShare, keepsUndesirable: training.objective != .supervised,
            golden: Set(golden.map(\.messages)), seed: seed)
        var rated: [RatedInteraction] = []
        var sequence: Int64 = 0
        let position = LogPosition(interactions: through.interactions, ratings: through.ratings)
        let oldest = recentFrom.advanced(bySeconds: -context.settings.scaled(context.settings.retention))
        while true {
            let page = try await context.store.ratedInteractions(
                deployment: name, from: oldest, until: Timestamp(milliseconds: .max), position: position,
                after: sequence, limit: 2000)
            rated += page
            guard let last = page.last, page.count == 2000 else { break }
            sequence = last.interaction.sequence
        }
        let rows = rated
        return await offPool { TrainingData(interactions: rows, rules: rules) }
    }

    var scales: [String: RatingScale] {
        Dictionary(uniqueKeysWithValues: context.deployment.scales.map { ($0.name, RatingScale($0)) })
    }

    /// What ratings of the goal mean.
    package var goalScale: RatingScale {
        let goal = context.deployment.goalScale
        return scales[goal] ?? RatingScale(name: goal, kind: .thumb, good: 1, bad: 0)
    }

    /// A cycle's own seed, from its name; shifted, so that it stays within what JSON holds.
    func seed(of cycle: Cycle) -> UInt64 {
        StableHash.fnv1a(cycle.id) >> 12
    }

    var lookSeconds: Double { context.settings.scaled(context.deployment.experiment.lookInterval) }
}

extension RatingScale {
    /// A scale as the configuration describes it.
    package init(_ settings: ScaleSettings) {
        let kind: Kind =
            switch settings.kind {
            case .thumb: .thumb
            case .stars: .stars
            case .number: .number(minimum: settings.minimum, maximum: settings.maximum)
            case .label: .label(settings.words)
            }
        self.init(name: settings.name, kind: kind, good: settings.good, bad: settings.bad)
    }
}
