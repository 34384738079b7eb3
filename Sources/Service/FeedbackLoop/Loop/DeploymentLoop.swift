import Contracts
import DurableFiles
import Experimentation
import Locking
import Logging
import Settings
import Store
import Tuning
package import Values

/// One deployment's loop: it watches the log, turns the cycle and keeps everything durable.
///
/// How a step goes, in this order, and why a crash between any two lines is harmless:
///
/// 1. Commands of operators are taken, one commit each.
/// 2. New rows of the log are shown to the detectors (`+Watch`). An alarm becomes an event of the state machine; the
///    detectors' state, the new loop state and the alert go into one transaction.
/// 3. The cycle's stage is served (`+Data`, `+Jobs`, `+Experiment`): what has to be *done* follows from the state alone —
///    a job folder that is missing is written, a job that does not run is started, a look that is due is taken. So a
///    restart does again exactly what was not finished, and every result enters through one event and one commit.
/// 4. The table of arms is published (`+Serving`), and where it is time the server is asked to hold the adapters that the
///    state names (`+ServingRound`). No step waits for the server: it is asked beside the steps, as is a query of a
///    replay (`+ShadowAsking`), and what it did is taken at the beginning of the next step.
///
/// Steps of one loop never overlap: `LoopService` runs them from one task, tests and the simulation call `step` themselves.
/// Time comes in as an argument.
package final class DeploymentLoop: Sendable {
    package let context: LoopContext
    package var name: String { context.deployment.name }

    /// What steps change; only `step` writes it.
    let inner: Locked<Inner>
    /// What others read at any time.
    let published: Locked<Published>
    /// What the looks of the comparison under way have read; nil where it has to be read from the log.
    let experimentData = Locked<ExperimentReading?>(nil)
    /// What others ask of the steps.
    let requests = Locked(Requests())
    /// Wakes the task that runs the steps.
    let wake: Locked<(@Sendable () -> Void)?> = Locked(nil)

    struct Inner: Sendable {
        var machine: CycleMachine
        var revision: Int64
        var watch: TrafficWatch
        /// Wall time of the last attempt of something that is tried again later, by name.
        var lastAttempts: [String: Timestamp] = [:]
        /// Adapters that the server was seen to hold, verified by this process.
        var loaded: Set<String> = []
        var round: ServingRound?
        /// Whether there is nothing to wait for: since this process or the server began it has answered, with whatever it
        /// holds, or a request has waited for it in vain.
        var isSettled = false
        /// Counts of the last look at the data, for people.
        var gatheringNote: String?
        var comparison: ArmTable.Comparison?
        var shadowAsking: ShadowAsking?
        /// Why a query of a shadow replay was not answered last; nil: it was.
        var shadowTrouble: String?
        var difficulty: DifficultyAsking?
        /// Pairs of a shadow replay that made trouble, and that wait until the others were asked.
        var shadowWaiting: Set<Int64> = []
    }

    /// What the gateway and the operators' routes read of the loop without waiting for a step.
    package struct Published: Sendable {
        package var arms: ArmTable
        package var view: LoopView
    }

    struct Requests: Sendable {
        /// Commands that wait for the next step.
        var commands: [PendingCommand] = []
        /// Told when a step that began after they asked has ended.
        var waiters: [@Sendable () -> Void] = []
        /// No step follows.
        var hasEnded = false
    }

    struct PendingCommand: Sendable {
        var command: OperatorCommand
        var action: ActionRecord?
        var answer: @Sendable (Result<String, any Error>) -> Void
    }

    init(context: LoopContext, inner: Inner, published: Published) {
        self.context = context
        self.inner = Locked(inner)
        self.published = Locked(published)
    }

    /// Opens a deployment's loop where it was left, or watching with the configured adapter.
    package static func open(_ context: LoopContext, at now: Timestamp) async throws -> DeploymentLoop {
        let name = context.deployment.name
        var revision: Int64 = 0
        var state = LoopState(
            serving: LoopState.Serving(adapter: nil, since: now, reason: "the deployment began with the base model"))
        if let record = try await context.store.loopState(deployment: name) {
            guard record.value.version == 1 else {
                throw LoopFault(
                    "the loop of \(name) was kept by a newer retuned (version \(record.value.version)); install that one"
                )
            }
            do {
                state = try StrictJSON.decode(LoopState.self, parsing: record.value.bytes)
            } catch {
                throw LoopFault.damaged("the state of the loop", of: name, "\(error)")
            }
            revision = record.revision
            for experiment in state.comparisons.sorted() { try await check(experiment, of: context) }
        }
        sweepJobs(context, keeping: state.cycle?.stage.job)
        let watch = try await TrafficWatch.open(context, at: now)
        var arms = ArmTable(
            served: state.serving.adapter ?? context.deployment.servedBaseName,
            base: context.deployment.servedBaseName, version: state.counters.adapter)
        arms.isStandIn = state.serving.adapter != nil
        arms.isSettling = context.deployment.hasServer && (arms.isStandIn || !state.comparisons.isEmpty)
        let machine = CycleMachine(state: state, rules: context.rules)
        var view = LoopView(state: state)
        view.trainerTrouble = context.checkpointFault
        let loop = DeploymentLoop(
            context: context, inner: Inner(machine: machine, revision: revision, watch: watch),
            published: Published(arms: arms, view: view))
        if try await loop.hasBegun(at: now) { loop.publish(at: now) }
        return loop
    }

    /// Reads an experiment that runs, so that damage is found before anything is served.
    private static func check(_ id: String, of context: LoopContext) async throws {
        do {
            guard let record = try await context.store.experiment(id: id) else { return }
            _ = try StrictJSON.decode(Experiment.self, parsing: record.state.bytes)
            _ = try StrictJSON.decode(ExperimentDesign.self, from: record.design, ignoringUnknownFields: true)
            for look in try await context.store.looks(experiment: id) {
                _ = try StrictJSON.decode(Look.self, from: look.result, ignoringUnknownFields: true)
            }
        } catch {
            throw LoopFault.damaged("the experiment \(id)", of: context.deployment.name, "\(error)")
        }
    }

    /// Removes the job folders that a crash left behind: they hold customers' text.
    private static func sweepJobs(_ context: LoopContext, keeping job: String?) {
        let prefix = "\(context.deployment.name)-j-"
        for entry in DurableFiles.entries(of: context.jobs.root) {
            let name = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
            guard name.hasPrefix(prefix), name.dropFirst(prefix.count).allSatisfy(\.isNumber), entry != job else {
                continue
            }
            context.jobs.remove(entry)
        }
    }

    /// The newest table of arms.
    package var arms: ArmTable { published.withLock { $0.arms } }

    /// The newest table of arms, once the server was seen to hold what shall serve and is compared: right after a restart of the
    /// server or of this process nobody shall be answered by something else just because an adapter is still being loaded.
    ///
    /// - Returns: after five seconds the table as it is; whoever asks then waits no more, until the server begins anew.
    /// - Throws: `CancellationError` where the caller has left.
    package func settledArms() async throws -> ArmTable {
        for _ in 0..<250 {
            let arms = self.arms
            guard arms.isSettling else { return arms }
            try await Task.sleep(for: .milliseconds(20))
        }
        inner.withLock { $0.isSettled = true }
        publishArms()
        return arms
    }

    /// What people are shown.
    package var view: LoopView { published.withLock { $0.view } }

    var state: LoopState { inner.withLock { $0.machine.state } }

    /// One step; see the type's documentation. Throws only where the store failed: the daemon leaves then.
    package func step(at now: Timestamp) async throws {
        let waiting = requests.withLock { requests in
            defer { requests.waiters = [] }
            return requests.waiters
        }
        defer { for resume in waiting { resume() } }
        guard try await hasBegun(at: now) else { return refuseCommands() }
        takeRound()
        // Nobody gets what shall serve before the server was seen to hold it: it is asked before a long log is read anew.
        if !inner.withLock({ $0.isSettled }) { try await reconcileServing(at: now) }
        try await takeCommands(at: now)
        try await watchTraffic(at: now)
        try await serveStage(at: now)
        try await holdBack(at: now)
        try await reconcileServing(at: now)
        publish(at: now)
    }

    /// While the loop is paused nothing is begun and no result taken in: a job under way computes on, an experiment is watched
    /// for harm, and a promotion that was decided is carried out.
    private func serveStage(at now: Timestamp) async throws {
        if inner.withLock({ $0.machine.isExposedUnasked }) {
            try await apply(.exposureEnded, at: now)
            return
        }
        guard let cycle = state.cycle else { return stopAskingDifficulty() }
        if cycle.experiment == nil { stopAskingDifficulty() }
        switch cycle.stage {
        case .gathering(let earliest, let deadline):
            guard !state.isPaused else { return }
            try await gather(cycle, earliest: earliest, deadline: deadline, at: now)
        case .measuring(let job), .estimating(let job), .training(let job), .gating(let job):
            try await serveJob(job, of: cycle, at: now)
        case .awaitingApproval: break
        case .experimenting: try await experiment(cycle, at: now)
        case .shadowing: try await shadow(cycle, at: now)
        case .promoting: try await promote(cycle, at: now)
        }
    }

    /// Whether something named may be tried now; at most once in `seconds`.
    func isDue(_ what: String, every seconds: Double, at now: Timestamp) -> Bool {
        inner.withLock { inner in
            if let last = inner.lastAttempts[what], now.seconds(since: last) < seconds, now >= last { return false }
            inner.lastAttempts[what] = now
            return true
        }
    }
}

/// What a loop cannot go on with, as a sentence.
package struct LoopFault: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }

    /// What the database holds of a deployment and cannot be read.
    static func damaged(_ what: String, of deployment: String, _ why: String) -> LoopFault {
        LoopFault(
            "\(what) of the deployment \(deployment) is damaged in the database (\(why)); stop the daemon and put the newest backup of its state directory in place"
        )
    }
}

extension DeploymentLoop {
    /// Asks for a step soon.
    package func wakeUp() { wake.withLock { $0 }?() }

    /// Waits until a step that has not begun yet is over.
    package func finishStep() async {
        await withCheckedContinuation { continuation in
            let waits = requests.withLock { requests in
                if !requests.hasEnded { requests.waiters.append { continuation.resume() } }
                return !requests.hasEnded
            }
            if waits { wakeUp() } else { continuation.resume() }
        }
    }

    /// No step follows: whoever waits for one, or asks later, is told so at once.
    package func end() {
        let left = requests.withLock { requests in
            defer { requests = Requests(hasEnded: true) }
            return requests
        }
        for command in left.commands { command.answer(.failure(StoreError.closed)) }
        for resume in left.waiters { resume() }
    }
}
