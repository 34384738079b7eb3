import Contracts
import Locking
import Logging
import Serving
import Settings
import Store
import Values

extension DeploymentLoop {
    private static let secondsBetweenAttempts = 10.0

    /// Commits the first state of a deployment, with the adapter that the configuration names as the first incumbent.
    ///
    /// An adapter that cannot be taken over holds the loop alone: the log is written and the base model answers, the
    /// reason is shown, and it is tried again now and then.
    ///
    /// - Returns: whether the loop has a state.
    func hasBegun(at now: Timestamp) async throws -> Bool {
        if inner.withLock({ $0.revision }) > 0 { return true }
        guard isDue("beginning", every: Self.secondsBetweenAttempts, at: now) else { return false }
        var state = self.state
        var commit = LoopCommit(deployment: name)
        if !context.deployment.adapter.isEmpty {
            do {
                commit.adapters = [try await takeFirstAdapter(at: now)]
            } catch {
                tell(
                    trouble:
                        "the adapter \(context.deployment.adapter) cannot be taken over: \(error); until it can, the "
                        + "base model answers and the loop does not turn")
                return false
            }
            let adapter = commit.adapters[0].name
            state.serving = LoopState.Serving(
                adapter: adapter, since: now, reason: "the deployment began with this adapter")
            state.counters.adapter = commit.adapters[0].version
        }
        commit.state = LoopCommit.StateChange(
            expectedRevision: 0, value: VersionedValue(version: 1, bytes: try StrictJSON.encodeBytes(state)))
        let revision = try await self.commit(commit)
        let (machine, committed) = (CycleMachine(state: state, rules: context.rules), revision)
        inner.withLock { inner in
            inner.machine = machine
            inner.revision = committed
        }
        published.withLock { $0.view.servingTrouble = nil }
        publishArms()
        return true
    }

    private func takeFirstAdapter(at now: Timestamp) async throws -> AdapterRecord {
        let (files, source, adapter) = (context.adapters, context.deployment.adapter, "\(name)-v1")
        let digest = try await offPool {
            try AdapterFiles.check(source)
            return try files.adopt(adapter, from: source)
        }
        return AdapterRecord(
            deployment: name, name: adapter, version: 1, status: .serving, created: now, folder: adapter,
            digest: digest, baseDigest: context.checkpoint?.digest)
    }

    /// Shows trouble with the serving back end, and logs it once.
    func tell(trouble: String) {
        let isNew = published.withLock { published in
            defer { published.view.servingTrouble = trouble }
            return published.view.servingTrouble != trouble
        }
        if isNew { context.logger.warning("serving: \(trouble)", metadata: ["deployment": "\(name)"]) }
    }
}
