import Contracts
import Locking
import Serving
import Settings
import Store
package import Values

/// The server being brought, beside the steps, to hold what is wanted.
struct ServingRound {
    /// Names of the adapters that were wanted when it began.
    var wanted: Set<String>
    var task: Task<Void, Never>
    /// Nil: it is under way.
    var outcome: Result<ServedAdapters.Result, any Error>?
    /// Whether something else is wanted by now, or the server began anew: then it counts for nothing what came of it.
    var isOutdated = false
}

/// Rounds: a step begins one where it is due, and a later step takes what came of it, so that a server that hangs holds up no
/// command, no look and no shutdown.
///
/// 1. There is one round at a time. What is wanted may change meanwhile: then the round is cancelled, and once it has
///    ended, which an unload alone can delay, the next one begins at once. What it had loaded is verified by the next one.
/// 2. Nobody is sent to an adapter that may be unloaded. When a round begins, `loaded` keeps what is wanted and what the
///    table of arms names, and just that the round leaves alone. Out of it goes at once what the list of the server lacks,
///    since it began anew, or what it told a request that it lacks (`serverLacks`), and into it comes what was verified,
///    before anything is unloaded. An adapter that is wanted again while it is unloaded has to wait for the next round. What
///    served before answers while what shall serve is loaded, and is unloaded by the round after that.
/// 3. A round writes nothing: a crash under way leaves a server that holds something else than it was seen to hold, and the first
///    round of the next process begins with the list of what it holds.
extension DeploymentLoop {
    /// Begins a round where one is due, and gives up one that is for something else than what is wanted now.
    func reconcileServing(at now: Timestamp) async throws {
        publishArms()
        let wanted = wantedAdapters()
        let (underWay, loaded) = inner.withLock { ($0.round?.wanted, $0.loaded) }
        if let underWay {
            if underWay != Set(wanted) { giveUpRound() }
            return
        }
        let isNews = Set(wanted) != loaded
        // A server that restarted has lost its adapters, so it is asked now and then even where nothing changed.
        guard isDue("serving", every: isNews ? 0.5 : 2, at: now) else { return }
        // What a person approved in `observe` is served there too; where nothing is, the server is only asked.
        guard context.deployment.mode != .observe || !wanted.isEmpty else {
            guard context.deployment.hasServer else { return }
            return beginRound(for: []) { [backend = context.backend] _ in
                _ = try await backend.models()
                return ServedAdapters.Result()
            }
        }
        let (adapters, refused) = try await servable(wanted)
        let served = ServedAdapters(
            files: context.adapters, backend: context.backend, base: context.deployment.servedBaseName,
            export: context.deployment.adapterExport.isEmpty ? nil : context.deployment.adapterExport)
        beginRound(for: Set(wanted)) { [self, prefix = "\(name)-v"] inUse in
            var result = try await served.reconcile(wanted: adapters, inUse: inUse, prefix: prefix) { see($0) }
            result.fault = refused ?? result.fault
            return result
        }
    }

    /// Of what is wanted that which may be loaded, and why the first of the others may not.
    private func servable(_ wanted: [String]) async throws -> ([ServedAdapters.Wanted], refused: ServingFault?) {
        var adapters: [ServedAdapters.Wanted] = []
        var problems: [String] = []
        for name in wanted {
            guard let record = try await context.store.adapter(name: name), let digest = record.digest else {
                problems.append("the log has no adapter named \(name)")
                continue
            }
            if let problem = baseProblem(record) {
                problems.append(problem)
            } else {
                adapters.append(ServedAdapters.Wanted(name: name, digest: digest))
            }
        }
        return (adapters, problems.first.map { ServingFault(isRetryable: false, $0) })
    }

    /// - Parameter ask: asks the server; is handed what the round has to leave alone.
    private func beginRound(
        for wanted: Set<String>, _ ask: @escaping @Sendable (Set<String>) async throws -> ServedAdapters.Result
    ) {
        let arms = self.arms
        inner.withLock { inner in
            inner.loaded = inner.loaded.filter { wanted.contains($0) || arms.isServed($0) }
            let inUse = inner.loaded
            let task = Task { [self] in
                let outcome: Result<ServedAdapters.Result, any Error>
                do {
                    outcome = .success(try await ask(inUse))
                } catch {
                    outcome = .failure(error)
                }
                self.inner.withLock { $0.round?.outcome = outcome }
                wakeUp()
            }
            inner.round = ServingRound(wanted: wanted, task: task)
        }
    }

    /// What the round under way has seen, unless it counts for nothing by now.
    private func see(_ seen: ServedAdapters.Seen) {
        let isNews = inner.withLock { inner in
            guard inner.round?.isOutdated == false else { return false }
            let before = inner.loaded
            switch seen {
            case .present(let present):
                inner.loaded.formIntersection(present)
                // What it has lost it loads again.
                if inner.loaded != before { inner.isSettled = false }
            case .held(let held): inner.loaded.formUnion(held)
            }
            return inner.loaded != before
        }
        guard isNews else { return }
        publishArms()
        wakeUp()
    }

    /// Takes what came of a round; does nothing while it is under way.
    func takeRound() {
        let outcome = inner.withLock { inner -> Result<ServedAdapters.Result, any Error>? in
            guard let round = inner.round, let outcome = round.outcome else { return nil }
            inner.round = nil
            guard !round.isOutdated else {
                inner.lastAttempts["serving"] = nil
                return nil
            }
            switch outcome {
            case .success(let result):
                inner.loaded = result.held
                inner.isSettled = true
            // A fault that waiting does not mend: the base answers, and the trouble is shown.
            case .failure(let fault as ServingFault) where !fault.isRetryable: inner.isSettled = true
            case .failure: break
            }
            return outcome
        }
        switch outcome {
        case nil: return
        case .success(let result):
            if let fault = result.fault { tell(trouble: fault.description) } else { tellThatItAnswers() }
        case .failure(let error): tell(trouble: "\(error)")
        }
        publishArms()
    }

    private func tellThatItAnswers() {
        published.withLock { published in
            published.view.servingTrouble = nil
            published.view.servingNote = "the serving back end answers"
        }
    }

    /// Cancels the round under way, where there is one; what comes of it counts for nothing.
    ///
    /// - Parameter change: is made in the same moment.
    func giveUpRound(with change: (inout Inner) -> Void = { _ in }) {
        let task = inner.withLock { inner in
            change(&inner)
            inner.round?.isOutdated = true
            return inner.round?.task
        }
        task?.cancel()
    }

    /// The server is known to have ended or begun anew: until it is seen to hold adapters again nobody is sent to one, so
    /// that its start is no error of the candidate's, and everybody is answered.
    package func serverRestarted() {
        giveUpRound { inner in
            inner.loaded = []
            inner.isSettled = false
            inner.lastAttempts["serving"] = nil
        }
        publishArms()
        wakeUp()
    }

    /// The server told a request that it has no such adapter, as one does that began anew unseen: until it is seen to hold
    /// the adapter again nobody is sent to it.
    ///
    /// - Returns: whether that was news. A server that says so of what it holds is believed once in five seconds.
    package func serverLacks(_ adapter: String, at now: Timestamp) -> Bool {
        guard inner.withLock({ $0.loaded.contains(adapter) }), isDue("lacks \(adapter)", every: 5, at: now) else {
            return false
        }
        giveUpRound { inner in
            inner.loaded.remove(adapter)
            inner.isSettled = false
            inner.lastAttempts["serving"] = nil
        }
        publishArms()
        wakeUp()
        return true
    }

    /// Waits until the round under way has ended; the next step takes what came of it.
    package func waitForServer() async { await inner.withLock { $0.round?.task }?.value }
}
