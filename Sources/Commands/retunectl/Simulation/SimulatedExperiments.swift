import API
import Dispatch
import Experimentation
import Locking
import Statistics
import Values

/// Experiments on the log of a deployment: many for each effect, on threads of their own.
struct SimulatedExperiments {
    let simulation: ExperimentSimulation
    let runs: Int
    let seed: UInt64
    let threads: Int
    /// Share by which the candidate is better in the metric that is the goal.
    var improvement = 0.0

    /// - Returns: in the order of the runs; the same for the same seed, whatever the threads.
    func outcomes(effect: Double, effectNumber: Int) -> [ExperimentSimulation.Outcome] {
        let next = Locked(0)
        let results = Locked([ExperimentSimulation.Outcome?](repeating: nil, count: runs))
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let run = next.withLock { next in
                    defer { next += 1 }
                    return next
                }
                guard run < runs else { return }
                var generator = SeededGenerator.stream(seed: seed, index: UInt64(effectNumber) << 32 | UInt64(run))
                let outcome = simulation.run(effect: effect, improvement: improvement, &generator)
                results.withLock { $0[run] = outcome }
            }
        }
        return results.withLock { $0 }.compactMap(\.self)
    }

    func row(effect: Double, effectNumber: Int) -> SimulationView.Row {
        let outcomes = outcomes(effect: effect, effectNumber: effectNumber)
        let days = { (decision: Look.Decision) in
            outcomes.filter { $0.decision == decision }.map { $0.seconds / simulation.design.daySeconds }
        }
        let promoted = days(.promote)
        let stopped = days(.stopForHarm)
        return SimulationView.Row(
            effect: effect, runs: outcomes.count, promoted: promoted.count, stoppedForHarm: stopped.count,
            futile: outcomes.count { $0.decision == .stopForFutility },
            undecided: outcomes.count { $0.decision == .stopAtLongest }, held: outcomes.count(where: \.isHeld),
            promotedInterval: Self.interval(promoted.count, of: outcomes.count),
            stoppedInterval: Self.interval(stopped.count, of: outcomes.count),
            daysToPromotion: Self.median(promoted), daysToStop: Self.median(stopped),
            candidatesAtStop: Self.median(
                outcomes.filter { $0.decision == .stopForHarm }.map { Double($0.candidates) }
            ).map { Int($0.rounded()) })
    }

    /// Exact, at 95 %.
    private static func interval(_ successes: Int, of trials: Int) -> [Double] {
        [
            BinomialBounds.lower(successes: successes, trials: trials, confidence: 0.975),
            BinomialBounds.upper(successes: successes, trials: trials, confidence: 0.975),
        ]
    }

    private static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
    }
}

extension ExperimentSimulation {
    /// The log as the daemon shows it, from its first request until `end`.
    init(_ rows: [TrafficRow], until end: Timestamp, plan: PlanView) throws(Problem) {
        guard let first = rows.map(\.time).min() else { throw .tooLittle }
        let requests = rows.filter { $0.time < end }.map { row in
            Request(
                unit: row.unit, seconds: row.time.seconds(since: first),
                outcome: RequestOutcome(
                    failed: row.failed, latencyMilliseconds: row.latencyMilliseconds,
                    firstTokenMilliseconds: row.timeToFirstTokenMilliseconds, promptTokens: row.promptTokens,
                    completionTokens: row.completionTokens),
                opinions: row.scores.map {
                    Opinion(rater: $0.rater, score: $0.score, seconds: $0.received.seconds(since: first))
                })
        }
        try self.init(
            requests: requests, span: max(1, end.seconds(since: first)), design: ExperimentDesign(plan),
            lookSeconds: plan.lookSeconds)
    }
}
