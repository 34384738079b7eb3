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
/// A step asks one arm one query and commits what it answered, so that after a kill only what is missing is asked again, and an
/// operator's command waits for one answer at most.
extension DeploymentLoop {
    private static let secondsAfterTrouble = 10.0
    private static let mostAnswerTokens = 512
    /// Judgements come in by themselves; that a look may be taken at any time is what the sequence is for.
    private static let secondsBetweenLooks = 5.0

    /// Serves the stage: begins the replay, asks what is unanswered, and looks at what was judged.
    func shadow(_ cycle: Cycle, at now: Timestamp) async throws {
        guard !state.isPaused, let candidate = cycle.candidate else { return }
        guard let record = try await context.store.shadow(cycle: cycle.id) else {
            return try await beginShadow(cycle, candidate: candidate, at: now)
        }
        let hasAsked = try await ask(record, at: now)
        // A query that is answered makes way for the next; looks come now and then, and at once when nothing is left to ask.
        guard isDue("shadow look", every: Self.secondsBetweenLooks, at: now) else {
            if hasAsked { wakeUp() }
            return
        }
        let (look, standing) = try await shadowLook(of: record, at: now)
        published.withLock { $0.view.shadowNext = next(look, standing) }
        let event: LoopEvent? =
            switch look.decision {
            case .goOn: nil
            case .promote: .decided(.promote(reason: look.reason))
            case .stopForHarm: .decided(.harm(reason: look.reason))
            case .undecided: .decided(.undecided(reason: look.reason))
            }
        guard let event else {
            if hasAsked { wakeUp() }
            return
        }
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
        guard !standing.isComplete else { return "\(judged): \(look.reason)" }
        let answered = standing.answered.count + standing.failed
        let asking = "\(answered) of \(standing.pairs) queries are answered by both arms"
        let trouble = inner.withLock { $0.shadowTrouble }
        return "\(asking), \(judged): \(look.reason)\(trouble.map { "; \($0)" } ?? "")"
    }

    private func beginShadow(_ cycle: Cycle, candidate: String, at now: Timestamp) async throws {
        let design = try await experimentDesign(at: now)
        let most = context.deployment.experiment.shadowPairs
        let found = try await context.store.shadowQueries(
            cycle: cycle.id, deployment: name, candidate: candidate, limit: most)
        // Who taught the candidate would be asked what it has learned by heart; without others it is still better than nothing.
        let others = found.filter { !$0.isTrained }
        let queries = others.count >= 2 * design.burnInUnits ? others : found
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

    /// Asks one arm one query, where one is unanswered and both arms are loaded.
    ///
    /// - Returns: whether there may be more to ask at once.
    private func ask(_ record: ShadowRecord, at now: Timestamp) async throws -> Bool {
        let (loaded, trouble, waiting) = inner.withLock { ($0.loaded, $0.shadowTrouble, $0.shadowWaiting) }
        let isThere = [record.incumbent, record.candidate].allSatisfy {
            $0 == context.deployment.servedBaseName || loaded.contains($0)
        }
        guard isThere, isDue("shadow", every: trouble == nil ? 0 : Self.secondsAfterTrouble, at: now)
        else { return false }
        guard let pair = try await context.store.unansweredShadowPair(cycle: record.cycle, besides: waiting) else {
            inner.withLock { $0.shadowWaiting = [] }
            return false
        }
        let kind: ShadowAnswer.Kind = pair.incumbentAnswer == nil ? .incumbent : .candidate
        var answer = ShadowAnswer(pair: pair.sequence, kind: kind, text: "")
        do {
            let text = try await context.backend.complete(
                pair.interaction.logged.interaction.turns,
                model: kind == .incumbent ? record.incumbent : record.candidate, mostTokens: Self.mostAnswerTokens)
            answer.text = Redactor().redact(text).text
        } catch let fault as ServingFault where !fault.isRetryable {
            answer.kind = .failure
            answer.text = String(fault.description.prefix(300))
        } catch {
            inner.withLock {
                $0.shadowTrouble = "the serving back end did not answer and is asked again: \(error)"
                $0.shadowWaiting.insert(pair.sequence)
            }
            return false
        }
        inner.withLock { $0.shadowTrouble = nil }
        var commit = LoopCommit(deployment: name)
        commit.shadowAnswers = [answer]
        try await self.commit(commit)
        return true
    }

    /// Closes a replay that ends without a decision of its own: an operator's word, a rollback.
    func endShadow(
        from before: LoopState, to after: LoopState, at now: Timestamp, in commit: inout LoopCommit
    ) async throws {
        guard let cycle = before.cycle, case .shadowing = cycle.stage else { return }
        if case .shadowing = after.cycle?.stage { return }
        inner.withLock { ($0.shadowTrouble, $0.shadowWaiting) = (nil, []) }
        published.withLock { $0.view.shadowNext = nil }
        guard commit.shadows.isEmpty, var record = try await context.store.shadow(cycle: cycle.id) else { return }
        let (look, standing) = try await shadowLook(of: record, at: now)
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
}
