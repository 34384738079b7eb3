import Serving
import Settings
import Locking
import Contracts
import Logging
import Store
import Values

extension DeploymentLoop {
    /// Applies an event to the machine and commits what it brings, together with `parts`, in one transaction.
    ///
    /// - Parameter parts: rows that belong to the event (a detector's state, a look, a dossier's part).
    /// - Throws: `CommandRefusal` where an operator's command does not fit; a fault of the store.
    @discardableResult
    func apply(
        _ event: LoopEvent, at now: Timestamp, parts: (inout LoopCommit, CycleMachine) throws -> Void = { _, _ in }
    ) async throws -> CycleMachine.Outcome {
        var machine = inner.withLock { $0.machine }
        let before = machine
        let outcome = try machine.handle(event, at: now)
        var commit = LoopCommit(deployment: name)
        try parts(&commit, machine)
        record(outcome, before: before, after: machine, at: now, into: &commit)
        if outcome.rebaselines {
            commit.detectors = inner.withLock {
                $0.watch.startAnew()
                return $0.watch.records(deployment: name)
            }
        }
        if machine.state != before.state {
            commit.state = LoopCommit.StateChange(
                expectedRevision: inner.withLock { $0.revision },
                value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(machine.state)))
        }
        let revision = try await context.store.commit(commit)
        let committed = machine
        inner.withLock { inner in
            inner.machine = committed
            if commit.state != nil { inner.revision = revision }
        }
        if let transition = outcome.transition {
            context.logger.info(
                "\(transition.from) → \(transition.to)",
                metadata: ["deployment": "\(name)", "actor": "\(transition.actor)", "reason": "\(transition.reason)"])
        }
        publish()
        return outcome
    }

    /// The first state of a deployment, with the adapter it came with.
    func commitFirst(at now: Timestamp) async throws {
        let state = self.state
        var commit = LoopCommit(deployment: name)
        commit.state = LoopCommit.StateChange(
            expectedRevision: 0, value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(state)))
        if let adapter = state.serving.adapter {
            commit.adapters = [
                AdapterRecord(
                    deployment: name, name: adapter, version: state.counters.adapter, status: .serving, created: now,
                    folder: adapter, digest: try context.adapters.digest(of: adapter))
            ]
        }
        let revision = try await context.store.commit(commit)
        inner.withLock { $0.revision = revision }
        publish()
    }

    /// Takes over the adapter that the configuration names as the first incumbent.
    static func adoptFirstAdapter(_ context: LoopContext, at now: Timestamp) async throws -> LoopState {
        let name = "\(context.deployment.name)-v1"
        _ = try context.adapters.adopt(name, from: context.deployment.adapter)
        var state = LoopState(
            serving: LoopState.Serving(adapter: name, since: now, reason: "the deployment began with this adapter"))
        state.counters.adapter = 1
        return state
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
        if let adapter = notice.adapter { data["adapter"] = .string(adapter) }
        data["summary"] = .string(notice.summary)
        var body = JSONObject()
        body["type"] = .string(notice.type)
        body["timestamp"] = .string(now.description)
        body["data"] = .object(data)
        return OutboxEvent(
            id: "msg_\(name)_\(revision)_\(now.milliseconds)_\(number)", deployment: name, type: notice.type,
            payload: JSONValue.object(body).serialized, created: now)
    }
}
