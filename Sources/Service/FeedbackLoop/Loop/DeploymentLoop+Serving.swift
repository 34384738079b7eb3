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

    func publish() {
        let (machine, drift, note) = inner.withLock { ($0.machine, $0.watch.view, $0.gatheringNote) }
        published.withLock { published in
            published.view.state = machine.state
            published.view.stateName = machine.stateName
            published.view.drift = drift
            published.view.next = Self.next(
                machine.state, rules: machine.rules, drift: drift, note: note, published.view)
        }
    }

    /// What happens next, in a sentence.
    private static func next(
        _ state: LoopState, rules: CycleMachine.Rules, drift: DriftView, note: String?, _ view: LoopView
    ) -> String {
        if state.isPaused { return "paused by an operator; resume it with retunectl resume" }
        guard let cycle = state.cycle else {
            if let quiet = state.quietUntil, let end = state.lastEnd, drift.phase == "drifted" {
                let gone = rules.mode == .observe ? "" : "; the next cycle may begin at \(quiet)"
                return end.reason + gone
            }
            if rules.mode == .observe { return "observes only: drift is reported, nothing is trained" }
            return drift.phase == "learning"
                ? "learns what is normal: \(drift.referenceQueries) of \(drift.queriesNeeded) queries"
                : "waits for drift, the schedule or an operator"
        }
        switch cycle.stage {
        case .gathering(_, let deadline):
            return (note.map { "gathers labelled traffic: \($0); " } ?? "gathers labelled traffic; ")
                + "until \(deadline) at the latest"
        case .measuring, .estimating, .training, .gating:
            guard let progress = view.progress else { return "the job starts" }
            let left = progress.secondsLeft.map { ", about \(Int($0.rounded(.up))) s left" } ?? ""
            return "\(progress.phase) \(progress.step) of \(progress.of)\(left)"
        case .awaitingApproval(let reason): return "waits for approve or reject: \(reason)"
        case .experimenting: return view.look?["next"]?.stringValue ?? "the first look follows"
        case .shadowing: return view.shadowNext ?? "the queries of the replay are chosen"
        case .promoting: return "loads \(cycle.candidate ?? "the candidate") for everybody"
        }
    }
}
