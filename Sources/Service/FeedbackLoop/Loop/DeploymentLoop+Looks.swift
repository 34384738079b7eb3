package import Experimentation
import Locking
import Settings
import Store
import Traffic
import Values

/// An experiment's data as its last look left them, so that the next one reads what is new.
///
/// It is no state of its own: after a restart or an erasure the log is read again, look by look, to the same data.
struct ExperimentReading: Sendable {
    let experiment: String
    let goal: GoalScale
    let metrics: [MetricDesign]
    /// Whether it matters when newcomers come to rate.
    let watchesArrivals: Bool
    var data: ExperimentData
    /// Where the last look ended.
    var position: LookPosition
    /// Erasures until the log was read.
    var erasures: Int
}

/// A look that is not committed yet.
struct TakenLook: Sendable {
    var look: Look
    var experiment: Experiment
    var data: ExperimentReading
}

extension DeploymentLoop {
    /// Takes a look: reads what came since the last one, and asks the experiment.
    ///
    /// - Parameters:
    ///   - end: where it ends, with all difficulties that are known by now; nil: with all that there is.
    ///   - isHeld: an operator holds the ramp.
    func take(
        _ record: ExperimentRecord, _ before: Experiment, through end: LookPosition? = nil, isHeld: Bool = false,
        at now: Timestamp
    ) async throws -> TakenLook {
        let (newest, erasures) = try await context.store.lookPosition()
        var reading = try await reading(of: record, before.design, erasures: erasures)
        var position = end.map { $0.isBefore(reading.position) ? newest : $0 } ?? newest
        position.difficulties = newest.difficulties
        try await read(&reading, of: record, through: position)
        var experiment = before
        let elapsed = now.seconds(since: record.started)
        reading.data.beginLook(elapsedSeconds: elapsed)
        let look = experiment.look(
            at: reading.data, elapsedSeconds: elapsed, isPaused: state.isPaused || isHeld)
        reading.data.endLook()
        return TakenLook(look: look, experiment: experiment, data: reading)
    }

    /// What the looks so far have read: as it was kept, or from the log.
    private func reading(
        of record: ExperimentRecord, _ design: ExperimentDesign, erasures: Int
    ) async throws -> ExperimentReading {
        // Taken out, not copied: sums of many units are changed in place, and a look that fails leaves none behind.
        let kept = experimentData.withLock { kept in
            defer { kept = nil }
            return kept
        }
        if let kept, kept.experiment == record.id, kept.erasures == erasures { return kept }
        var reading = ExperimentReading(
            experiment: record.id, goal: goal(of: design), metrics: design.metrics,
            watchesArrivals: design.burstLimits != nil, data: ExperimentData(design: design),
            position: LookPosition(log: record.began, assignments: 0, difficulties: 0), erasures: erasures)
        // Look by look: a rating that came before its interaction counts from the look that first saw both.
        for look in try await context.store.looks(experiment: record.id) {
            try await read(&reading, of: record, through: look.position)
            reading.data.beginLook(elapsedSeconds: look.time.seconds(since: record.started))
        }
        reading.data.endLook()
        return reading
    }

    /// Reads on to a position; see `docs/experiments.md` for the rules.
    private func read(
        _ reading: inout ExperimentReading, of record: ExperimentRecord, through position: LookPosition
    ) async throws {
        let store = context.store
        let earlier = try await earlierRatings(
            of: record.id, on: reading.goal, after: reading.position.assignments, through: position.assignments)
        let newcomers = try await store.newcomers(
            experiment: record.id, after: reading.position.assignments, through: position.assignments)
        try await Self.pages(after: reading.position.assignments) { sequence, limit in
            let page = try await store.assignments(
                experiment: record.id, after: sequence, through: position.assignments, limit: limit)
            for row in page where row.assignment.excluded == nil && row.assignment.enrolledAs == nil {
                guard let arm = ExperimentData.Arm(rawValue: row.assignment.arm) else { continue }
                reading.data.enrol(
                    unit: row.assignment.unit, in: arm, earlier: earlier[row.sequence] ?? EarlierRatings(),
                    isNewcomer: newcomers.contains(row.sequence))
            }
            return page.map(\.sequence)
        }
        try await Self.pages(after: reading.position.difficulties) { sequence, limit in
            let page = try await store.difficulties(
                experiment: record.id, after: sequence, through: position.difficulties, limit: limit)
            for row in page {
                guard let arm = ExperimentData.Arm(rawValue: row.arm) else { continue }
                reading.data.know(row.nats.map { .nats($0) } ?? .none, ofFirstQueryOf: row.unit, in: arm)
            }
            return page.map(\.sequence)
        }
        if reading.watchesArrivals {
            try await newcomerRatings(of: record, from: reading.position.log, through: position.log) { name, seconds in
                reading.data.arrive(newcomer: name, receivedSeconds: seconds)
            }
        }
        try await eachRating(of: record, from: reading.position, through: position) {
            add($0, of: record, to: &reading)
        }
        try await Self.pages(after: reading.position.log.interactions) { sequence, limit in
            let page = try await store.experimentInteractions(
                experiment: record.id, position: position.log, after: sequence, limit: limit)
            for row in page {
                guard let arm = ExperimentData.Arm(rawValue: row.arm) else { continue }
                guard !row.isOtherArm else {
                    reading.data.leaveOut(unit: row.unit, of: arm)
                    continue
                }
                reading.data.serve(
                    unit: row.unit, arm: arm, RequestOutcome(row), interaction: row.sequence,
                    receivedSeconds: row.received.seconds(since: record.started))
            }
            return page.map(\.sequence)
        }
        reading.position = position
    }

    /// Calls `add` with the ratings of enrolled units between two positions, in the order of the log; before that with those that
    /// came before the first position, of interactions that came after it.
    func eachRating(
        of record: ExperimentRecord, from first: LookPosition, through last: LookPosition,
        _ add: ([ExperimentRating]) -> Void
    ) async throws {
        let store = context.store
        add(try await store.earlyExperimentRatings(experiment: record.id, from: first.log, to: last.log))
        try await Self.pages(after: first.log.ratings) { sequence, limit in
            let page = try await store.experimentRatings(
                experiment: record.id, position: last.log, after: sequence, limit: limit)
            add(page)
            return page.map(\.sequence)
        }
    }

    /// What an experiment is decided on, whatever the configuration says by now.
    package func goal(of design: ExperimentDesign) -> GoalScale { design.goal ?? GoalScale(goalScale) }

    /// What the units of some assignments had rated on the goal's scale before they were enrolled, by the assignment's
    /// sequence number.
    package func earlierRatings(
        of experiment: String, on goal: GoalScale, after sequence: Int64, through last: Int64
    ) async throws -> [Int64: EarlierRatings] {
        var result: [Int64: EarlierRatings] = [:]
        for row in try await context.store.earlierRatings(experiment: experiment, after: sequence, through: last)
        where row.scale == goal.name {
            guard let score = goal.score(of: row.value) else { continue }
            result[row.assignment, default: EarlierRatings()].ratings += row.count
            result[row.assignment, default: EarlierRatings()].scores += score * Double(row.count)
        }
        return result
    }

    private func add(_ page: [ExperimentRating], of record: ExperimentRecord, to reading: inout ExperimentReading) {
        for rating in page {
            guard let arm = ExperimentData.Arm(rawValue: rating.arm) else { continue }
            for (metric, scale) in Self.scales(of: reading) where scale.name == rating.scale {
                guard let score = scale.score(of: rating.value) else { continue }
                reading.data.rate(
                    ExperimentData.Rating(
                        unit: rating.unit, arm: arm, rater: rating.rater, interaction: rating.interactionSequence,
                        score: score, time: rating.time.milliseconds, sequence: rating.sequence,
                        receivedSeconds: rating.received.seconds(since: record.started),
                        isByNewcomer: rating.isByNewcomer, metric: metric))
            }
        }
    }

    /// The goal's scale, and those of the metrics that have one, with their places.
    private static func scales(of reading: ExperimentReading) -> [(metric: Int?, scale: GoalScale)] {
        [(nil, reading.goal)]
            + reading.metrics.enumerated().compactMap { place, metric in metric.scale.map { (place, $0) } }
    }

    /// Calls `page` with the last sequence number of the page before, until a page is not full.
    static func pages(
        after first: Int64, _ page: (_ after: Int64, _ limit: Int) async throws -> [Int64]
    ) async throws {
        var after = first
        while true {
            let sequences = try await page(after, 5000)
            guard let last = sequences.last, sequences.count == 5000 else { return }
            after = last
        }
    }
}
