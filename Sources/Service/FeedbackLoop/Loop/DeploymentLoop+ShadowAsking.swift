import Locking
import Serving
import Settings
import Store
import Traffic
import Values

/// A query that one arm is asked beside the steps, and what came of it.
struct ShadowAsking {
    /// Sequence number of the pair.
    var pair: Int64
    var arm: ShadowAnswer.Kind
    var task: Task<Void, Never>?
    /// Nil: it is under way.
    var outcome: Result<String, any Error>?
}

extension DeploymentLoop {
    private static let secondsAfterTrouble = 10.0
    private static let mostAnswerTokens = 512

    /// Commits what came of the query that was asked; does nothing while it is under way.
    func takeAnswer() async throws {
        guard let asking = inner.withLock({ $0.shadowAsking }), let outcome = asking.outcome else { return }
        var answer = ShadowAnswer(pair: asking.pair, kind: asking.arm, text: "")
        inner.withLock { ($0.shadowAsking, $0.shadowTrouble) = (nil, nil) }
        switch outcome {
        case .success(let text): answer.text = Redactor().redact(text).text
        case .failure(let fault as ServingFault) where !fault.isRetryable:
            answer.kind = .failure
            answer.text = String(fault.description.prefix(300))
        case .failure(let error):
            inner.withLock {
                $0.shadowTrouble = "the serving back end did not answer and is asked again: \(error)"
                $0.shadowWaiting.insert(asking.pair)
            }
            return
        }
        var commit = LoopCommit(deployment: name)
        commit.shadowAnswers = [answer]
        try await self.commit(commit)
    }

    /// Asks one arm one query, where none is under way, one is unanswered and both arms are loaded.
    func askNext(of record: ShadowRecord, at now: Timestamp) async throws {
        let (loaded, trouble, waiting, isAsking) = inner.withLock {
            ($0.loaded, $0.shadowTrouble, $0.shadowWaiting, $0.shadowAsking != nil)
        }
        let isThere = [record.incumbent, record.candidate].allSatisfy {
            $0 == context.deployment.servedBaseName || loaded.contains($0)
        }
        guard !isAsking, isThere, isDue("shadow", every: trouble == nil ? 0 : Self.secondsAfterTrouble, at: now)
        else { return }
        guard let pair = try await context.store.unansweredShadowPair(cycle: record.cycle, besides: waiting) else {
            inner.withLock { $0.shadowWaiting = [] }
            return
        }
        let arm: ShadowAnswer.Kind = pair.incumbentAnswer == nil ? .incumbent : .candidate
        let model = arm == .incumbent ? record.incumbent : record.candidate
        let turns = pair.interaction.logged.interaction.turns
        inner.withLock { $0.shadowAsking = ShadowAsking(pair: pair.sequence, arm: arm) }
        let task = Task { [self, backend = context.backend] in
            let outcome: Result<String, any Error>
            do {
                outcome = .success(
                    try await backend.complete(turns, model: model, mostTokens: Self.mostAnswerTokens))
            } catch {
                outcome = .failure(error)
            }
            inner.withLock { inner in
                // Who was given up has no say in the same query asked again.
                if !Task.isCancelled, inner.shadowAsking?.pair == pair.sequence {
                    inner.shadowAsking?.outcome = outcome
                }
            }
            wakeUp()
        }
        inner.withLock { $0.shadowAsking?.task = task }
    }

    /// Gives up the query that is asked, where there is one; it is asked again if its replay goes on.
    func stopAsking() {
        let asking = inner.withLock { inner in
            defer { (inner.shadowAsking, inner.shadowTrouble, inner.shadowWaiting) = (nil, nil, []) }
            return inner.shadowAsking
        }
        asking?.task?.cancel()
    }

    /// Waits until the query that is asked was answered.
    package func waitForAnswer() async { await inner.withLock { $0.shadowAsking?.task }?.value }
}
