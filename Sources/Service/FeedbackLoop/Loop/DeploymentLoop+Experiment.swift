import Contracts
package import Experimentation
import Locking
import Settings
import Store
import Traffic
import Tuning
package import Values

extension DeploymentLoop {
    /// Serves the stage of the experiment: plans it, begins it, and takes a look when one is due.
    func experiment(_ cycle: Cycle, at now: Timestamp) async throws {
        guard let id = cycle.experiment, let candidate = cycle.candidate, case .experimenting(let step) = cycle.stage
        else { return }
        guard let record = try await context.store.experiment(id: id) else {
            guard !state.isPaused else { return }
            try await begin(
                id, cycle: cycle.id, incumbent: servedName, candidate: candidate,
                design: try await experimentDesign(of: cycle, at: now), at: now)
            return
        }
        var experiment = try StrictJSON.decode(Experiment.self, parsing: record.state.bytes)
        if let problem = goalProblem(experiment.design) {
            try await apply(.decided(.undecided(reason: problem)), at: now)
            return
        }
        if step > experiment.step {
            experiment.advance(to: step, elapsedSeconds: now.seconds(since: record.started))
        }
        compare(record, exposure: experiment.exposure, isHoldBack: false)
        let asked = try await askDifficulty(of: record, experiment.design, at: now)
        let waits = asked == nil && inner.withLock { $0.difficulty.map { $0.trouble == nil } ?? false }
        // A server that never loads the candidate does not keep the experiment open for ever.
        let isOver = now.seconds(since: record.started) >= experiment.design.longestSeconds
        // Nor does one that has lost it keep from being seen what came before.
        guard isOver || experiment.looks > 0 || inner.withLock({ $0.loaded.contains(candidate) }),
            try await isLookDue("look", of: id, patience: waits ? Self.patienceForDifficulty : 0, at: now)
        else { return }
        let taken = try await take(record, experiment, through: asked, isHeld: cycle.heldBy != nil, at: now)
        let event: LoopEvent? =
            switch taken.look.decision {
            case .promote: .decided(.promote(reason: taken.look.reason))
            case .stopForHarm: .decided(.harm(reason: taken.look.reason))
            case .stopForFutility, .stopAtLongest: .decided(.undecided(reason: taken.look.reason))
            case .advance: .stepped(taken.experiment.step)
            case .awaitApproval: .stepAwaited(taken.look.step + 1, reason: taken.look.reason)
            case .holdForSampleRatio, .holdForSignal: .rampHeld(reason: taken.look.reason)
            case .goOn: nil
            }
        try await keep(taken, of: record, event: event, cycle: cycle.id, at: now)
    }

    /// After a promotion: the units that were held back against the others; harm rolls back.
    func holdBack(at now: Timestamp) async throws {
        guard let holdBack = state.holdBack else {
            if state.cycle?.experiment == nil { inner.withLock { $0.comparison = nil } }
            return
        }
        if now >= holdBack.until, !state.isPaused {
            try await apply(.holdBackEnded(reason: "the hold-back saw no harm"), at: now)
            inner.withLock { $0.comparison = nil }
            publishArms()
            return
        }
        guard let record = try await context.store.experiment(id: holdBack.experiment) else {
            var design = try await freshDesign(at: now)
            design.isHoldBack = true
            design.asksDifficulty = false
            // What it was promoted for is no matter of harm.
            design.metrics.removeAll { $0.role == .goal }
            design.steps = [holdBack.share]
            design.longestSeconds = holdBack.until.seconds(since: holdBack.since)
            try await begin(
                holdBack.experiment, cycle: state.lastEnd?.cycle ?? "",
                incumbent: holdBack.adapter ?? context.deployment.servedBaseName, candidate: servedName, design: design,
                salt: holdBack.salt, at: now)
            return
        }
        let experiment = try StrictJSON.decode(Experiment.self, parsing: record.state.bytes)
        if let problem = goalProblem(experiment.design) {
            try await apply(.holdBackEnded(reason: problem), at: now)
            inner.withLock { $0.comparison = nil }
            publishArms()
            return
        }
        compare(record, exposure: holdBack.share, isHoldBack: true)
        guard try await isLookDue("hold-back", of: record.id, at: now) else { return }
        let taken = try await take(record, experiment, at: now)
        let event: LoopEvent? =
            taken.look.decision == .stopForHarm ? .holdBackWon(reason: Self.harm(taken.look)) : nil
        try await keep(taken, of: record, event: event, cycle: record.cycle, at: now)
    }

    /// Harm that a look at a hold-back found, in a sentence.
    private static func harm(_ look: Look) -> String {
        guard let broken = look.guardrails.first(where: { $0.isBroken && $0.isSignal == nil }) else {
            return "the units held back on the earlier adapter do better: \(look.reason)"
        }
        return "the guardrail \(broken.name) is broken against the units held back on the earlier adapter"
    }

    /// Whether a look is due; the interval holds across restarts.
    ///
    /// - Parameter patience: by how much longer it is now.
    private func isLookDue(
        _ what: String, of experiment: String, patience: Double = 0, at now: Timestamp
    ) async throws -> Bool {
        if inner.withLock({ $0.lastAttempts[what] }) == nil,
            let last = try await context.store.looks(experiment: experiment).last
        {
            inner.withLock { $0.lastAttempts[what] = last.time }
        }
        return isDue(what, every: (1 + patience) * lookSeconds, at: now)
    }

    private var servedName: String { state.serving.adapter ?? context.deployment.servedBaseName }

    /// The design of an experiment that begins now: its error rate is what the budget of false promotions allows it, and
    /// newcomers are set aside where that costs little, else where they come in a burst.
    package func experimentDesign(at now: Timestamp) async throws -> ExperimentDesign {
        var design = try await freshDesign(at: now)
        let budget = context.deployment.experiment.falsePromotions
        let since = now.advanced(bySeconds: -context.settings.scaled(budget.period))
        let earlier = try await context.store.experiments(deployment: name).filter { $0.started > since }
            .map { try StrictJSON.decode(ExperimentDesign.self, from: $0.design, ignoringUnknownFields: true) }
            .filter { !$0.isHoldBack }
        let replays = try await context.store.shadows(deployment: name, since: since)
            .map { try StrictJSON.decode(ShadowDesign.self, from: $0.design, ignoringUnknownFields: true) }
        // What people say of the answers must not get worse for it.
        if design.goalMetric != nil { design.margin = context.deployment.experiment.margin }
        design.alpha = PromotionBudget.alpha(
            wanted: design.alpha, earlier: earlier.map(\.alpha) + replays.map(\.alpha), budget: budget.count)
        return design
    }

    /// Likewise for a cycle, by the terms that its operator chose.
    private func experimentDesign(of cycle: Cycle, at now: Timestamp) async throws -> ExperimentDesign {
        var design = try await experimentDesign(at: now)
        guard let terms = cycle.terms else { return design }
        if let effect = terms.minimumEffect {
            if let place = design.metrics.firstIndex(where: { $0.role == .goal }) {
                design.metrics[place].limit = effect
            } else {
                design.minimumEffect = effect
            }
        }
        if terms.kind == .nonInferiority { design.margin = terms.margin ?? context.deployment.experiment.margin }
        return design
    }

    /// Why what an experiment was to be decided on cannot be read any more. Another goal may be configured meanwhile: it goes on
    /// with its own as long as that scale is as it was.
    private func goalProblem(_ design: ExperimentDesign) -> String? {
        let wanted = (design.goal.map { [$0] } ?? []) + design.metrics.compactMap(\.scale)
        guard let goal = wanted.first(where: { scales[$0.name].map(GoalScale.init) != $0 }) else { return nil }
        return
            "the scale \(goal.name) means something else in the configuration than when the experiment began, or is gone: its ratings cannot be compared"
    }

    /// What is configured, with what is kept of it as it is now.
    private func freshDesign(at now: Timestamp) async throws -> ExperimentDesign {
        var design = context.experimentDesign
        design.goal = GoalScale(goalScale)
        design.metrics = metrics
        (design.setsNewcomersAside, design.burstLimits) = try await newcomers(at: now)
        try await limitDays(of: &design, at: now)
        return design
    }

    /// The metrics that are configured, with what their scales mean as they are now.
    private var metrics: [MetricDesign] {
        context.deployment.experiment.metrics.compactMap { metric in
            guard let measure = MetricDesign.Measure(rawValue: metric.of.rawValue),
                let role = MetricDesign.Role(rawValue: metric.role.rawValue),
                let better = MetricDesign.Direction(rawValue: metric.better.rawValue),
                let change = MetricDesign.Change(rawValue: metric.change.rawValue),
                let per = MetricDesign.Per(rawValue: metric.per.rawValue)
            else { return nil }
            return MetricDesign(
                name: metric.name, measure: measure, scale: scales[metric.scale].map(GoalScale.init),
                quantile: metric.quantile, per: per, better: better, role: role, change: change,
                limit: role == .goal ? metric.smallestImprovement : metric.limit)
        }
    }

    private func begin(
        _ id: String, cycle: String, incumbent: String, candidate: String, design: ExperimentDesign,
        salt: String? = nil, at now: Timestamp
    ) async throws {
        let record = ExperimentRecord(
            id: id, deployment: name, cycle: cycle, incumbent: incumbent, candidate: candidate, salt: salt ?? id,
            design: try StrictJSON.encode(design),
            state: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(Experiment(design: design))),
            started: now, began: try await context.store.position())
        var commit = LoopCommit(deployment: name)
        commit.experiments = [record]
        try await self.commit(commit)
        compare(record, exposure: design.steps[0], isHoldBack: design.isHoldBack)
    }

    private func compare(_ record: ExperimentRecord, exposure: Double, isHoldBack: Bool) {
        inner.withLock {
            $0.comparison = ArmTable.Comparison(
                experiment: record.id, salt: record.salt, exposure: exposure, incumbent: record.incumbent,
                candidate: record.candidate, isHoldBack: isHoldBack)
        }
        published.withLock {
            if $0.view.lookExperiment != record.id { ($0.view.look, $0.view.lookExperiment) = (nil, record.id) }
        }
        publishArms()
    }

    /// Commits a look with the event that it brings.
    private func keep(
        _ taken: TakenLook, of before: ExperimentRecord, event: LoopEvent?, cycle: String, at now: Timestamp
    ) async throws {
        var record = before
        record.state = VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(taken.experiment))
        let result = try StrictJSON.encode(taken.look)
        if taken.experiment.decided != nil {
            record.ended = now
            record.decision = taken.look.decision.rawValue
            record.reason = taken.look.reason
        }
        let look = LookRecord(
            experiment: record.id, number: taken.experiment.looks, time: now, position: taken.data.position,
            result: result)
        let changed = record
        published.withLock { $0.view.look = result }
        guard let event else {
            var commit = LoopCommit(deployment: name)
            commit.experiments = [changed]
            commit.looks = [look]
            try await self.commit(commit)
            experimentData.withLock { $0 = taken.data }
            return
        }
        try await apply(event, at: now) { commit, _ in
            commit.experiments = [changed]
            commit.looks = [look]
            if changed.ended != nil {
                commit.dossier = [DossierPart(cycle: cycle, name: "experiment", value: result)]
            }
        }
        guard changed.ended != nil else {
            experimentData.withLock { $0 = taken.data }
            return
        }
        if taken.look.decision != .promote { inner.withLock { $0.comparison = nil } }
    }
}
