import Contracts
import Locking
import Serving
import Settings
import Store
import Values

extension DeploymentLoop {
    /// Why an adapter does not fit the base checkpoint that is here; nil where it does, or one of the two is not known.
    func baseProblem(_ adapter: AdapterRecord) -> String? {
        guard let made = adapter.baseDigest, let here = context.checkpoint?.digest, made != here else { return nil }
        return
            "\(adapter.name) was trained on another base model (\(made.prefix(19))…) than stands in \(context.deployment.model) now (\(here.prefix(19))…): put the former back, or roll back to an adapter of the new one"
    }

    /// Adapters that the state names, what serves first.
    func wantedAdapters() -> [String] {
        let state = self.state
        var wanted: [String] = []
        if let adapter = state.serving.adapter { wanted.append(adapter) }
        if let adapter = state.holdBack?.adapter { wanted.append(adapter) }
        if let cycle = state.cycle, let candidate = cycle.candidate {
            switch cycle.stage {
            case .experimenting, .shadowing, .promoting: wanted.append(candidate)
            default: break
            }
        }
        return wanted
    }

    /// Publishes who is answered by what.
    ///
    /// The table never names an adapter that the server was not seen to hold: until then everybody gets what was served
    /// before, or the base; after a restart of the server they are asked to wait a little (`ArmTable.isSettling`).
    func publishArms() {
        // In one piece: what a round has seen is published beside the steps.
        published.withLock { published in
            published.arms = inner.withLock { table($0, before: published.arms) }
        }
    }

    private func table(_ inner: Inner, before: ArmTable) -> ArmTable {
        let state = inner.machine.state
        let base = context.deployment.servedBaseName
        func isThere(_ served: String) -> Bool { served == base || inner.loaded.contains(served) }
        let wanted = state.serving.adapter ?? base
        let served = isThere(wanted) ? wanted : isThere(before.served) ? before.served : base
        var table = ArmTable(served: served, base: base, version: state.counters.adapter)
        table.isStandIn = served != wanted
        if let comparison = inner.comparison, isThere(comparison.incumbent), isThere(comparison.candidate) {
            table.comparison = comparison
        }
        // Whoever is compared would get the other arm's answer for that moment.
        let isInterrupted = table.comparison == nil && !state.comparisons.isEmpty
        table.isSettling = context.deployment.hasServer && (table.isStandIn || isInterrupted) && !inner.isSettled
        return table
    }

    /// The candidate becomes what everybody gets, once the server holds it.
    func promote(_ cycle: Cycle, at now: Timestamp) async throws {
        guard let candidate = cycle.candidate, inner.withLock({ $0.loaded.contains(candidate) }) else { return }
        try await apply(.promoted, at: now)
        inner.withLock { $0.comparison = nil }
        publishArms()
    }

    func publish(at now: Timestamp) {
        let (machine, drift, note) = inner.withLock { ($0.machine, $0.watch.view, $0.gatheringNote) }
        published.withLock { published in
            published.view.state = machine.state
            published.view.stateName = machine.stateName
            published.view.drift = drift
            published.view.next = Self.next(
                machine.state, rules: machine.rules, drift: drift, note: note, published.view, at: now)
        }
    }

    /// What happens next, in a sentence.
    private static func next(
        _ state: LoopState, rules: CycleMachine.Rules, drift: DriftView, note: String?, _ view: LoopView,
        at now: Timestamp
    ) -> String {
        if state.isPaused { return "paused by an operator; resume it with retunectl resume" }
        guard let cycle = state.cycle else { return nextOfWatching(state, rules: rules, drift: drift, at: now) }
        switch cycle.stage {
        case .gathering(_, let deadline):
            return (note.map { "gathers labelled traffic: \($0); " } ?? "gathers labelled traffic; ")
                + "until \(deadline) at the latest"
        case .measuring, .estimating, .training, .gating:
            guard let progress = view.progress else { return "the job starts" }
            let left = progress.secondsLeft.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
            return "\(progress.phase) \(progress.step) of \(progress.of)\(left)"
        case .awaitingApproval(let reason): return "waits for approve or reject: \(reason)"
        case .experimenting:
            if let held = cycle.experiment.flatMap(state.release(of:)) { return held }
            if view.look?["isPaused"]?.boolValue == true { return "goes on with the next look" }
            return view.look?["next"]?.stringValue ?? "the first look follows"
        case .shadowing: return view.shadowNext ?? "the queries of the replay are chosen"
        case .promoting: return "loads \(cycle.candidate ?? "the candidate") for everybody"
        }
    }

    /// Likewise where no cycle is under way: what is watched for, when a cycle may begin, until when a hold-back goes on.
    private static func nextOfWatching(
        _ state: LoopState, rules: CycleMachine.Rules, drift: DriftView, at now: Timestamp
    ) -> String {
        let quiet = state.quietUntil.flatMap { now < $0 ? $0 : nil }
        let pause = quiet.map { "; no cycle begins by itself before \($0)" } ?? ""
        let holdBack = state.holdBack.map { "; the hold-back \($0.experiment) goes on until \($0.until)" } ?? ""
        if rules.mode == .observe { return "observes only: drift is reported, nothing is trained" + holdBack }
        switch drift.phase {
        case "drifted":
            return unanswered(state.lastEnd) + "the traffic has drifted, and the next cycle may begin"
                + (quiet.map { " at \($0)" } ?? "") + holdBack
        case "learning":
            return "learns what is normal: \(drift.referenceQueries) of \(drift.queriesNeeded) queries" + pause
                + holdBack
        default: return "waits for drift, the schedule or an operator" + pause + holdBack
        }
    }

    /// Why the last cycle did not answer the drift that goes on, where it is tried again; empty where it did.
    private static func unanswered(_ end: CycleEnd?) -> String {
        guard let end, end.outcome == .failed || end.cause == .tooFewData else { return "" }
        return "\(end.cycle) \(end.outcome == .failed ? "failed" : "was rejected") (\(end.reason)); "
    }
}
