import DriftDetection
import Locking
import Settings
import Store
import Traffic
import Values

extension DeploymentLoop {
    /// Shows the detectors what is new in the log, and raises the alarm where they ask for it.
    func watchTraffic(at now: Timestamp) async throws {
        let goal = context.deployment.goalScale
        let scale = scales[goal]
        // Bounded, so that a long backlog does not keep an operator's command waiting.
        for _ in 0..<Self.pagesPerStep {
            let position = inner.withLock { $0.watch.position }
            let interactions = try await context.store.interactions(
                deployment: name, after: position.interactions, limit: Self.pageRows)
            let ratings = try await context.store.ratings(
                deployment: name, after: position.ratings, limit: Self.pageRows)
            inner.withLock { inner in
                for row in interactions { inner.watch.observe(row) }
                for row in ratings {
                    inner.watch.observe(
                        row, scale: row.logged.rating.scale == goal ? scale : nil, position: row.sequence)
                }
            }
            if let episode = inner.withLock({ $0.watch.alarm(at: now) }) { try await raise(episode, at: now) }
            if interactions.count < Self.pageRows, ratings.count < Self.pageRows { break }
        }
        var watch = inner.withLock { $0.watch }
        if watch.isWorthKeeping {
            var commit = LoopCommit(deployment: name)
            commit.detectors = try watch.records(deployment: name)
            try await self.commit(commit)
            let kept = watch
            inner.withLock { $0.watch = kept }
        }
        try await beginWhatWaited(at: now)
    }

    private static var pageRows: Int { 500 }
    private static var pagesPerStep: Int { 8 }

    private func raise(_ alarm: DriftEpisode, at now: Timestamp) async throws {
        var episode = alarm
        if episode.kind == .drift { try await explain(&episode) }
        var (watch, machine) = inner.withLock { ($0.watch, $0.machine) }
        episode.isHandled = machine.mayBegin(at: now)
        watch.open(episode)
        let trigger = Cycle.Trigger(kind: episode.kind, reason: episode.reason, actor: "detector")
        try await apply(.alarm(trigger, onset: episode.onset), at: now, watch: watch, parts: alarmPart(episode))
    }

    /// An alarm that came during a pause starts its cycle when the pause is over; so does the schedule.
    private func beginWhatWaited(at now: Timestamp) async throws {
        let (machine, memory) = inner.withLock { ($0.machine, $0.watch) }
        let episode = memory.memory.episode
        if machine.rules.mode == .observe, machine.state.cycle == nil, let episode,
            now.seconds(since: episode.since) >= machine.rules.gatheringDeadlineSeconds
        {
            try await apply(.episodeEnded(reason: "the change has lasted; it is the new normal"), at: now)
            return
        }
        guard machine.mayBegin(at: now) else { return }
        if let episode, !episode.isHandled || isAgain(machine, episode) {
            var watch = memory
            watch.markHandled()
            let trigger = Cycle.Trigger(
                kind: episode.kind, reason: "\(episode.reason), since \(episode.since)", actor: "detector")
            try await apply(
                .resumed(trigger, onset: episode.onset), at: now, watch: watch, parts: alarmPart(episode))
            return
        }
        let schedule = context.settings.scaled(context.deployment.cycle.schedule)
        let last = machine.state.lastEnd?.time ?? machine.state.serving.since
        if schedule > 0, now.seconds(since: last) >= schedule { try await apply(.scheduleDue, at: now) }
    }

    /// A cycle of this episode ended without an answer to it (too few data, a failure, an incumbent that was taken
    /// back): it is tried again after the pause.
    private func isAgain(_ machine: CycleMachine, _ episode: DriftEpisode) -> Bool {
        guard let end = machine.state.lastEnd, end.time >= episode.since else { return false }
        return end.outcome == .failed || end.cause == .tooFewData || end.cause == .incumbentChanged
    }

    /// The dossier of a cycle that begins with an episode keeps it.
    private func alarmPart(_ episode: DriftEpisode) -> CommitParts {
        let isWatching = state.cycle == nil
        return { commit, machine in
            guard isWatching, let cycle = machine.state.cycle else { return }
            commit.dossier.append(
                DossierPart(cycle: cycle.id, name: "alarm", value: try StrictJSON.encode(episode)))
        }
    }

    /// Says which terms and queries are new: the newest queries against as many from before the onset.
    private func explain(_ episode: inout DriftEpisode) async throws {
        let position = inner.withLock { $0.watch.position }
        let recent = try await queries(after: max(0, position.interactions - 200), limit: 200)
        let older = try await queries(after: inner.withLock { $0.watch.memory.referenceFrom }, limit: 1000)
        (episode.recentQueries, episode.referenceQueries) = (recent.count, older.count)
        episode.newTerms = TermChange.strongest(
            recent: recent.map { ($0.text, $0.unit) }, reference: older.map(\.text)
        ).map {
            DriftEpisode.Term(term: $0.term, recent: $0.recent, reference: $0.reference)
        }
        let terms = Set(episode.newTerms.prefix(4).map(\.term))
        episode.examples = recent.filter { query in terms.contains { query.text.lowercased().contains($0) } }.suffix(3)
            .map(\.interaction)
        if !episode.newTerms.isEmpty {
            episode.reason += "; new: \(episode.newTerms.prefix(4).map(\.term).joined(separator: ", "))"
        }
    }

    private func queries(
        after sequence: Int64, limit: Int
    ) async throws -> [(interaction: String, unit: String?, text: String)] {
        try await context.store.interactions(deployment: name, after: sequence, limit: limit).compactMap {
            let interaction = $0.logged.interaction
            guard case .text(let text) = interaction.messages.last(where: { $0.role == "user" })?.content else {
                return nil
            }
            return (interaction.id, interaction.unit, text)
        }
    }
}
