import API
import Contracts
import Locking
import Logging
import Serving
import Settings
import Store
import Tuning
import Values

extension DeploymentLoop {
    /// Applies an event to the machine and commits what it brings, together with `parts`, in one transaction.
    /// Nothing changes in memory before the commit. A job that the event leaves behind is ended and its folder, which
    /// holds customers' text, removed.
    ///
    /// - Parameters:
    ///   - changedWatch: the watch after the event, where the event comes from it.
    ///   - parts: rows that belong to the event (a look, a dossier's part).
    /// - Throws: `CommandRefusal` where an operator's command does not fit; a fault of the store.
    @discardableResult
    func apply(
        _ event: LoopEvent, at now: Timestamp, watch changedWatch: TrafficWatch? = nil,
        parts: (inout LoopCommit, CycleMachine) throws -> Void = { _, _ in }
    ) async throws -> CycleMachine.Outcome {
        let before = inner.withLock { $0.machine }
        var machine = before
        var watch = changedWatch ?? inner.withLock { $0.watch }
        var outcome = try machine.handle(event, at: now)
        var commit = LoopCommit(deployment: name)
        try parts(&commit, machine)
        let left = before.state.cycle?.stage.job
        if let left, machine.state.cycle?.stage.job != left {
            commit.closedJob = LoopCommit.ClosedJob(id: left, isTaken: event.takesResult)
        }
        if outcome.rebaselines {
            if let episode = watch.memory.episode {
                outcome.notices.append(
                    LoopNotice(
                        type: .driftEnded, cycle: before.state.cycle?.id,
                        summary: "the traffic of now is the new normal (\(episode.reason), since \(episode.since))"))
            }
            watch.startAnew(at: now)
        }
        if outcome.rebaselines || changedWatch != nil { commit.detectors = try watch.records(deployment: name) }
        record(outcome, before: before, after: machine, at: now, into: &commit)
        try await settleAdapters(from: before.state, to: machine.state, in: &commit)
        try await endExperiments(from: before.state, to: machine.state, outcome, at: now, in: &commit)
        try await endShadow(from: before.state, to: machine.state, at: now, in: &commit)
        // What is told is a revision too, so that the notices of two events at one instant never share an id.
        if machine.state != before.state || !commit.events.isEmpty {
            commit.state = LoopCommit.StateChange(
                expectedRevision: inner.withLock { $0.revision },
                value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(machine.state)))
        }
        let revision = try await self.commit(commit)
        let (committed, committedWatch) = (machine, commit.detectors.isEmpty ? nil : watch)
        inner.withLock { inner in
            inner.machine = committed
            if let committedWatch { inner.watch = committedWatch }
            if commit.state != nil { inner.revision = revision }
        }
        if let transition = outcome.transition {
            context.logger.info(
                "\(transition.from) → \(transition.to)",
                metadata: ["deployment": "\(name)", "actor": "\(transition.actor)", "reason": "\(transition.reason)"])
        }
        if let job = commit.closedJob?.id {
            await context.runner.cancel(job, folder: context.jobs.folder(of: job))
            context.jobs.remove(job)
        }
        publish(at: now)
        return outcome
    }

    /// The status of the adapters whose part in the loop changes.
    private func settleAdapters(from before: LoopState, to after: LoopState, in commit: inout LoopCommit) async throws {
        var statuses: [String: AdapterRecord.Status] = [:]
        if let candidate = after.cycle?.candidate, before.cycle?.stage.name != after.cycle?.stage.name {
            switch after.cycle?.stage {
            case .awaitingApproval, .experimenting, .shadowing, .promoting: statuses[candidate] = .candidate
            default: break
            }
        }
        let end = after.cycle == nil && before.cycle != nil ? after.lastEnd : nil
        if let candidate = before.cycle?.candidate, let end {
            switch end.outcome {
            case .promoted: break
            case .rejected: statuses[candidate] = .rejected
            case .rolledBack: statuses[candidate] = .rolledBack
            case .failed: statuses[candidate] = .failed
            }
        }
        if before.serving.adapter != after.serving.adapter {
            if let adapter = before.serving.adapter {
                statuses[adapter] = end?.outcome == .promoted ? .retired : .rolledBack
            }
            if let adapter = after.serving.adapter { statuses[adapter] = .serving }
        }
        guard !statuses.isEmpty else { return }
        for var record in try await context.store.adapters(deployment: name) {
            guard let status = statuses[record.name], record.status != status else { continue }
            record.status = status
            commit.adapters.append(record)
        }
    }

    /// Closes the comparisons that end without a decision of their own: an operator's word, a new experiment, time.
    private func endExperiments(
        from before: LoopState, to after: LoopState, _ outcome: CycleMachine.Outcome, at now: Timestamp,
        in commit: inout LoopCommit
    ) async throws {
        let closed = Set(commit.experiments.filter { $0.ended != nil }.map(\.id))
        for id in before.comparisons.subtracting(after.comparisons).subtracting(closed).sorted() {
            guard var record = try await context.store.experiment(id: id), record.ended == nil else { continue }
            record.ended = now
            record.decision = "stopped"
            record.reason = Self.whyEnded(id, from: before, to: after) ?? outcome.transition?.reason
            commit.experiments.append(record)
        }
    }

    /// Why a comparison ended that no look decided, in a sentence; nil: what brought it about says so.
    private static func whyEnded(_ id: String, from before: LoopState, to after: LoopState) -> String? {
        guard before.holdBack?.experiment == id else {
            if case .promoting(let reason) = after.cycle?.stage { return reason }
            return after.cycle == nil ? after.lastEnd?.reason : nil
        }
        let serving = after.serving.adapter ?? "the base model"
        if before.serving != after.serving {
            let isPromotion = before.cycle != nil && after.cycle == nil && after.lastEnd?.outcome == .promoted
            return isPromotion
                ? "a later promotion: \(serving) serves now" : "\(after.serving.reason); \(serving) serves again"
        }
        if case .experimenting = after.cycle?.stage, let later = after.cycle?.experiment {
            return "a later experiment began: \(later)"
        }
        return nil
    }

    /// The only way to the store: one transaction, with the moments around it shown to whoever injected `atCommit`.
    @discardableResult
    func commit(_ commit: LoopCommit) async throws -> Int64 {
        try context.atCommit(.before)
        let revision = try await context.store.commit(commit)
        try context.atCommit(.after)
        return revision
    }

    private func record(
        _ outcome: CycleMachine.Outcome, before: CycleMachine, after: CycleMachine, at now: Timestamp,
        into commit: inout LoopCommit
    ) {
        let cycleID = after.state.cycle?.id ?? before.state.cycle?.id
        if let transition = outcome.transition {
            commit.transitions.append(
                TransitionRecord(
                    deployment: name, cycle: cycleID, from: transition.from, to: transition.to, time: now,
                    actor: transition.actor, reason: transition.reason))
        }
        if let cycle = after.state.cycle ?? before.state.cycle {
            let end = after.state.cycle == nil ? after.state.lastEnd : nil
            commit.cycles.append(
                CycleRecord(
                    id: cycle.id, deployment: name, state: end?.outcome.rawValue ?? cycle.stage.name,
                    trigger: cycle.trigger.kind.rawValue, started: cycle.started, ended: end?.time,
                    outcome: end?.cause?.rawValue ?? end?.outcome.rawValue, reason: end?.reason,
                    details: (try? StrictJSON.encode(after.state.cycle ?? cycle)) ?? .null))
        }
        for (number, notice) in outcome.notices.enumerated() {
            let revision = inner.withLock { $0.revision } + 1
            commit.events.append(event(notice, number: number, revision: revision, state: after, at: now))
        }
    }

    /// The outbox row of a notice; its id is the same however often the step is tried.
    private func event(
        _ notice: LoopNotice, number: Int, revision: Int64, state: CycleMachine, at now: Timestamp
    ) -> OutboxEvent {
        var data = JSONObject()
        data["deployment"] = .string(name)
        if let cycle = notice.cycle { data["cycle"] = .string(cycle) }
        if let experiment = notice.experiment { data["experiment"] = .string(experiment) }
        if let adapter = notice.adapter { data["adapter"] = .string(adapter) }
        data["summary"] = .string(notice.summary)
        var body = JSONObject()
        body["type"] = .string(notice.type.rawValue)
        body["timestamp"] = .string(now.description)
        body["data"] = .object(data)
        return OutboxEvent(
            id: "msg_\(name)_\(revision)_\(now.milliseconds)_\(number)", deployment: name, type: notice.type.rawValue,
            payload: JSONValue.object(body).serialized, created: now)
    }
}

extension LoopState {
    /// Experiments that run in this state: the cycle's and the hold-back's.
    var comparisons: Set<String> {
        var ids = Set<String>()
        if case .experimenting = cycle?.stage, let id = cycle?.experiment { ids.insert(id) }
        if let holdBack { ids.insert(holdBack.experiment) }
        return ids
    }
}
