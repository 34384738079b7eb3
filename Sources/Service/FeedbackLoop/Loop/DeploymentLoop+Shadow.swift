import Contracts
package import Experimentation
import Locking
package import Serving
import Settings
package import Store
package import Traffic
package import Values

/// Shadow replay: both arms answer the same logged queries, and judges say which answer is better.
///
/// One arm at a time is asked one query, beside the steps, and the next step commits what it answered: so after a kill only what
/// is missing is asked again, and no command and no look waits for an answer.
extension DeploymentLoop {
    /// Judgements come in by themselves; that a look may be taken at any time is what the sequence is for.
    private static let secondsBetweenLooks = 5.0

    /// Serves the stage: begins the replay, asks what is unanswered, and looks at what was judged.
    func shadow(_ cycle: Cycle, at now: Timestamp) async throws {
        guard !state.isPaused, let candidate = cycle.candidate else { return }
        guard let record = try await context.store.shadow(cycle: cycle.id) else {
            return try await beginShadow(cycle, candidate: candidate, at: now)
        }
        try await takeAnswer()
        try await askNext(of: record, at: now)
        guard isDue("shadow look", every: Self.secondsBetweenLooks, at: now) else { return }
        let (look, standing) = try await shadowLook(of: record, at: now)
        let waiting = next(look, standing)
        published.withLock { $0.view.shadowNext = waiting }
        let event: LoopEvent? =
            switch look.decision {
            case .goOn: nil
            case .promote: .decided(.promote(reason: look.reason))
            case .stopForHarm: .decided(.harm(reason: look.reason))
            case .undecided: .decided(.undecided(reason: look.reason))
            }
        guard let event else { return }
        var ended = record
        (ended.ended, ended.decision, ended.look) = (now, look.decision.rawValue, try StrictJSON.encode(look))
        let closed = ended
        try await apply(event, at: now) { commit, _ in try Self.close(closed, standing, in: &commit) }
    }

    /// The figures of a replay as its judgements stand; those that it ended with once it has ended.
    package func shadowLook(
        of record: ShadowRecord, at now: Timestamp
    ) async throws -> (look: ShadowLook, standing: ShadowStanding) {
        let standing = try await context.store.shadowStanding(cycle: record.cycle)
        if let look = record.look {
            return (try StrictJSON.decode(ShadowLook.self, from: look, ignoringUnknownFields: true), standing)
        }
        let design = try StrictJSON.decode(ShadowDesign.self, from: record.design, ignoringUnknownFields: true)
        var replay = ShadowReplay(design: design)
        let look = replay.look(
            standing.answered.map { ShadowPair(unit: $0.unit, judgements: $0.judgements) },
            isComplete: standing.isComplete, elapsedSeconds: now.seconds(since: record.started))
        return (look, standing)
    }

    /// What a replay waits for, in a sentence.
    package func next(_ look: ShadowLook, _ standing: ShadowStanding) -> String {
        let judged = "\(look.judgedPairs) of \(standing.answered.count) answered pairs are judged"
        let reason = Self.blindReason(look)
        guard !standing.isComplete else { return "\(judged): \(reason)" }
        let answered = standing.answered.count + standing.failed
        let asking = "\(answered) of \(standing.pairs) queries are answered by both arms"
        let server = view.servingTrouble.map { "the serving back end is in trouble: \($0)" }
        let trouble = inner.withLock { $0.shadowTrouble } ?? server
        return "\(asking), \(judged): \(reason)\(trouble.map { "; \($0)" } ?? "")"
    }

    /// What is said of a look while its replay goes on: nothing of whose answers are preferred, from which a judge could
    /// learn whose are whose.
    package static func blindReason(_ look: ShadowLook) -> String {
        look.decision == .goOn ? look.reason : "enough is judged, and the loop ends it at its next look"
    }

    /// The queries that a replay of a candidate asks.
    func replayableQueries(_ cycle: String, candidate: String) async throws -> [ShadowQuery] {
        let settings = context.deployment.experiment
        let found = try await context.store.shadowQueries(
            cycle: cycle, deployment: name, candidate: candidate, limit: settings.shadowPairs)
        // Who taught the candidate would be asked what it has learned by heart; without others it is still better than nothing.
        let others = found.filter { !$0.isTrained }
        return others.count >= 2 * settings.burnInUnits ? others : found
    }

    private func beginShadow(_ cycle: Cycle, candidate: String, at now: Timestamp) async throws {
        let design = try await experimentDesign(at: now)
        let queries = try await replayableQueries(cycle.id, candidate: candidate)
        let shadow = ShadowDesign(
            alpha: design.alpha, harmAlpha: min(0.49, design.harmAlpha), burnInUnits: design.burnInUnits,
            tuning: Double(max(design.burnInUnits, queries.count / 2)), longestSeconds: design.longestSeconds)
        var commit = LoopCommit(deployment: name)
        commit.shadows = [
            ShadowRecord(
                cycle: cycle.id, deployment: name,
                incumbent: state.serving.adapter ?? context.deployment.servedBaseName, candidate: candidate,
                design: try StrictJSON.encode(shadow), trainedUnits: queries.count { $0.isTrained }, started: now)
        ]
        commit.shadowQueries = queries
        try await self.commit(commit)
        wakeUp()
    }

    /// Closes a replay that ends without a decision of its own: an operator's word, a rollback.
    func endShadow(
        from before: LoopState, to after: LoopState, at now: Timestamp, in commit: inout LoopCommit
    ) async throws {
        guard let cycle = before.cycle, case .shadowing = cycle.stage else { return }
        if case .shadowing = after.cycle?.stage { return }
        stopAsking()
        published.withLock { $0.view.shadowNext = nil }
        guard commit.shadows.isEmpty, var record = try await context.store.shadow(cycle: cycle.id) else { return }
        var (look, standing) = try await shadowLook(of: record, at: now)
        if let end = after.lastEnd, after.cycle == nil { look.reason = end.reason }
        (record.ended, record.decision, record.look) = (now, "stopped", try StrictJSON.encode(look))
        try Self.close(record, standing, in: &commit)
    }

    private static func close(_ record: ShadowRecord, _ standing: ShadowStanding, in commit: inout LoopCommit) throws {
        commit.shadows = [record]
        var part = JSONObject()
        part["incumbent"] = .string(record.incumbent)
        part["candidate"] = .string(record.candidate)
        part["design"] = record.design
        part["pairs"] = .integer(Int64(standing.pairs))
        part["failed"] = .integer(Int64(standing.failed))
        part["trainedUnits"] = .integer(Int64(record.trainedUnits))
        part["decision"] = record.decision.map(JSONValue.string)
        part["look"] = record.look
        commit.dossier.append(DossierPart(cycle: record.cycle, name: "shadow", value: .object(part)))
    }
}

extension Interaction {
    /// Its messages, where they are texts, as they are asked again.
    package var turns: [ChatTurn] {
        messages.compactMap { message in
            guard case .text(let text) = message.content else { return nil }
            return ChatTurn(role: message.role, content: text)
        }
    }

    /// What no answer can have changed: its first message of a user, with what the application put before it; empty where one of
    /// them is no text, or the user's is blank.
    package var openingTurns: [ChatTurn] {
        var opening: [ChatTurn] = []
        for message in messages where message.role != "assistant" {
            guard case .text(let text) = message.content else { return [] }
            opening.append(ChatTurn(role: message.role, content: text))
            if message.role == "user" { return text.allSatisfy(\.isWhitespace) ? [] : opening }
        }
        return []
    }
}
