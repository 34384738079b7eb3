import Experimentation
import Locking
import Serving
import Settings
import Store
import Traffic
import Values

/// Which rated units' first queries the incumbent was asked beside the steps, to learn how difficult they are.
struct DifficultyAsking {
    /// Units whose first queries are being asked, one after the other.
    struct Batch {
        var units: [String]
        var task: Task<Void, Never>?
        /// Nil: it is under way.
        var outcome: Outcome?
    }

    /// What came of a batch, up to the first trouble.
    struct Outcome {
        var known: [DifficultyRecord] = []
        var trouble: String?
    }

    let experiment: String
    /// Up to where the log was read for units that are rated.
    var position: LookPosition
    /// Units that were asked, and that wait, those in the order in which they were first rated.
    var asked: Set<String> = []
    var waiting: [String] = []
    var batch: Batch?
    /// Why the last one was not answered; nil: it was.
    var trouble: String?
    /// How often a unit's query made trouble.
    var troubles: [String: Int] = [:]
    /// Whether one was answered since the last trouble.
    var isAnswering = false
    /// Erasures until now: who is erased may come back.
    let erasures: Int

    /// Whether all units that were rated up to `position` have been asked.
    var isComplete: Bool { waiting.isEmpty && batch == nil }

    /// Troubles with a unit's query after which there is no figure of it: so many while the server told its models, of which one
    /// counts for four where another's query was answered meanwhile.
    private static let mostTroubles = 12

    /// The batch is over.
    ///
    /// - Parameter isThere: whether the server answers otherwise.
    /// - Returns: what is known by it.
    mutating func take(_ outcome: Outcome, isThere: Bool) -> [DifficultyRecord] {
        var known = outcome.known
        let left = (batch?.units ?? []).dropFirst(known.count)
        batch = nil
        trouble = outcome.trouble
        if !known.isEmpty { isAnswering = true }
        waiting.insert(contentsOf: left.dropFirst(), at: 0)
        guard let unit = left.first else { return known }
        if isThere { troubles[unit, default: 0] += isAnswering ? 4 : 1 }
        isAnswering = false
        // The others are asked first.
        guard troubles[unit, default: 0] >= Self.mostTroubles else {
            waiting.append(unit)
            return known
        }
        troubles[unit] = nil
        known.append(DifficultyRecord(experiment: experiment, unit: unit, nats: nil))
        return known
    }
}

extension DeploymentLoop {
    private static let secondsAfterTrouble = 10.0
    private static let unitsOfBatch = 16
    /// Tokens of the answer that are looked at: the loss of the first ones tells as much as that of all.
    private static let mostTokens = 32
    /// Nats a token: what lies outside is no mean of log-probabilities.
    private static let plausible = -0.01...100.0
    /// Part of the interval of looks that one waits for units that are being asked.
    static let patienceForDifficulty = 0.1

    /// Takes what came of those that were asked, reads on for units that were rated where none waits, and asks the next.
    ///
    /// - Returns: where a look may end that takes the difficulty in; nil: units wait, or nobody is asked.
    func askDifficulty(of record: ExperimentRecord, _ design: ExperimentDesign, at now: Timestamp) async throws
        -> LookPosition?
    {
        // It may be switched off while an experiment runs: what is not known of all is not taken.
        guard design.asksDifficulty, context.deployment.experiment.difficulty == .auto else { return nil }
        try await openDifficulty(of: record)
        try await takeDifficulty()
        // While one makes trouble the others are asked all the same.
        let read = inner.withLock { $0.difficulty.flatMap { $0.isComplete || $0.trouble != nil ? $0.position : nil } }
        if let read, isDue("difficulty", every: min(1, Self.patienceForDifficulty * lookSeconds), at: now) {
            try await readRatedUnits(of: record, design, from: read)
        }
        askNextUnits(of: record, at: now)
        publishDifficulty()
        return inner.withLock { $0.difficulty.flatMap { $0.isComplete ? $0.position : nil } }
    }

    /// Which units were asked before this process began.
    private func openDifficulty(of record: ExperimentRecord) async throws {
        guard inner.withLock({ $0.difficulty?.experiment != record.id }) else { return }
        stopAskingDifficulty()
        var asking = DifficultyAsking(
            experiment: record.id, position: LookPosition(log: record.began, assignments: 0, difficulties: 0),
            erasures: try await context.store.lookPosition().erasures)
        try await Self.pages(after: 0) { sequence, limit in
            let page = try await context.store.difficulties(experiment: record.id, after: sequence, limit: limit)
            asking.asked.formUnion(page.map(\.unit))
            return page.map(\.sequence)
        }
        inner.withLock { [asking] inner in
            inner.difficulty = asking
            inner.lastAttempts["difficulty"] = nil
        }
    }

    private func readRatedUnits(
        of record: ExperimentRecord, _ design: ExperimentDesign, from before: LookPosition
    ) async throws {
        let (position, erasures) = try await context.store.lookPosition()
        // The next step begins anew.
        guard inner.withLock({ $0.difficulty?.erasures == erasures }) else { return stopAskingDifficulty() }
        let goal = goal(of: design).name
        try await eachRating(of: record, from: before, through: position) { ratings in
            inner.withLock { inner in
                for rating in ratings where rating.scale == goal {
                    if inner.difficulty?.asked.insert(rating.unit).inserted == true {
                        inner.difficulty?.waiting.append(rating.unit)
                    }
                }
            }
        }
        inner.withLock { $0.difficulty?.position = position }
    }

    private func askNextUnits(of record: ExperimentRecord, at now: Timestamp) {
        let isThere =
            record.incumbent == context.deployment.servedBaseName
            || inner.withLock { $0.loaded.contains(record.incumbent) }
        guard let asking = inner.withLock({ $0.difficulty }), asking.batch == nil, !asking.waiting.isEmpty, isThere,
            isDue("difficulty of queries", every: asking.trouble == nil ? 0 : Self.secondsAfterTrouble, at: now)
        else { return }
        let units = Array(asking.waiting.prefix(Self.unitsOfBatch))
        inner.withLock { inner in
            inner.difficulty?.waiting.removeFirst(units.count)
            inner.difficulty?.batch = DifficultyAsking.Batch(units: units)
        }
        let task = Task { [self] in
            var outcome = DifficultyAsking.Outcome()
            do {
                for unit in units { outcome.known.append(try await difficulty(of: unit, in: record)) }
            } catch {
                outcome.trouble = "\(error)"
            }
            inner.withLock { [outcome] inner in
                if !Task.isCancelled, inner.difficulty?.batch?.units == units {
                    inner.difficulty?.batch?.outcome = outcome
                }
            }
            wakeUp()
        }
        inner.withLock { $0.difficulty?.batch?.task = task }
    }

    /// Asks the incumbent a unit's first query. What is gone, is no text or is refused has no figure.
    private func difficulty(of unit: String, in record: ExperimentRecord) async throws -> DifficultyRecord {
        var difficulty = DifficultyRecord(experiment: record.id, unit: unit, nats: nil)
        let query = try await context.store.firstQuery(experiment: record.id, unit: unit)
        guard let turns = query?.logged.interaction.openingTurns, !turns.isEmpty else { return difficulty }
        do {
            let tokens = try await context.backend.logProbabilities(
                of: turns, model: record.incumbent, mostTokens: Self.mostTokens)
            guard let tokens else {
                throw ServingFault(isRetryable: true, "the serving back end gives no log-probabilities")
            }
            let mean = tokens.reduce(0, +) / Double(tokens.count)
            difficulty.nats = Self.plausible.contains(-mean) ? max(0, -mean) : nil
        } catch let fault as ServingFault where !fault.isRetryable {}
        return difficulty
    }

    /// Commits what came of the units that were asked; does nothing while they are.
    private func takeDifficulty() async throws {
        guard var asking = inner.withLock({ $0.difficulty }), let outcome = asking.batch?.outcome else { return }
        let known = asking.take(outcome, isThere: view.servingTrouble == nil)
        if !known.isEmpty {
            var commit = LoopCommit(deployment: name)
            commit.difficulties = known
            try await self.commit(commit)
        }
        inner.withLock { [asking] in $0.difficulty = asking }
    }

    private func publishDifficulty() {
        let view = inner.withLock { inner in
            inner.difficulty.map { asking in
                let waiting = asking.waiting.count + (asking.batch?.units.count ?? 0)
                return LoopView.Difficulty(
                    experiment: asking.experiment, asked: asking.asked.count - waiting, waiting: waiting,
                    trouble: asking.trouble)
            }
        }
        published.withLock { $0.view.difficulty = view }
    }

    /// Gives up what is being asked, with what is remembered of the rest.
    func stopAskingDifficulty() {
        let asking = inner.withLock { inner in
            defer { inner.difficulty = nil }
            return inner.difficulty
        }
        asking?.batch?.task?.cancel()
        if asking != nil { published.withLock { $0.view.difficulty = nil } }
    }

    /// Waits until the units that are being asked have been.
    package func waitForDifficulty() async { await inner.withLock { $0.difficulty?.batch?.task }?.value }
}
