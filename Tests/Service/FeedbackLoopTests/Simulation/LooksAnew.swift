import Experimentation
import FeedbackLoop
import Settings
import Store
import Traffic
import Values

/// The looks of an experiment, and the same worked out from the whole log, to hold what the loop read bit by bit against.
struct LooksAnew {
    let taken: [JSONValue]
    let anew: [JSONValue]

    init(of record: ExperimentRecord, in store: DurableStore) async throws {
        taken = try await store.looks(experiment: record.id).map(\.result)
        anew = try await Self.results(of: record, in: store)
    }

    /// The first look that differs.
    var fault: String? {
        taken.indices.first { taken[$0] != anew[$0] }.map { "look \($0) is \(taken[$0]), anew \(anew[$0])" }
    }

    /// Where what the last look counted differs; bets that were settled before an erasure stay.
    var faultOfTheLast: String? {
        guard let look = taken.last, let other = anew.last else { return nil }
        return ["incumbent", "candidate", "difference", "lower", "upper"].first { look[$0] != other[$0] }
            .map { "\($0) of the last look is \(look), anew \(other)" }
    }

    private struct Arrived {
        var look: Int
        var rating: ExperimentRating
    }

    /// What each look should have said.
    private static func results(of record: ExperimentRecord, in store: DurableStore) async throws -> [JSONValue] {
        let design = try StrictJSON.decode(ExperimentDesign.self, from: record.design)
        let scale = RatingScale(name: "thumb", kind: .thumb, good: 1, bad: 0)
        let looks = try await store.looks(experiment: record.id)
        let assignments = try await store.assignments(experiment: record.id, limit: 1_000_000)
        let interactions = try await store.experimentInteractions(experiment: record.id, limit: 1_000_000)
        let arrived = try await store.experimentRatings(experiment: record.id, limit: 1_000_000).compactMap { rating in
            looks.firstIndex {
                $0.position.log.ratings >= rating.sequence && $0.position.log.interactions >= rating.interactionSequence
            }.map { Arrived(look: $0, rating: rating) }
        }
        let difficulties = try await store.difficulties(experiment: record.id, limit: 1_000_000)
        let arrivals = try await store.newcomerRatings(experiment: record.id, limit: 1_000_000)
        let earlier = try await store.earlierRatings(experiment: record.id, after: 0, through: .max)
        let newcomers = try await store.newcomers(experiment: record.id, after: 0, through: .max)
        var experiment = Experiment(design: design)
        var data = ExperimentData(design: design)
        var results: [JSONValue] = []
        var last = LookPosition.start
        for (number, look) in looks.enumerated() {
            for row in assignments where row.sequence > last.assignments && row.sequence <= look.position.assignments {
                guard let arm = ExperimentData.Arm(rawValue: row.assignment.arm) else { continue }
                var before = EarlierRatings()
                for value in earlier where value.assignment == row.sequence {
                    guard let score = scale.score(of: value.value) else { continue }
                    before.ratings += value.count
                    before.scores += score * Double(value.count)
                }
                data.enrol(
                    unit: row.assignment.unit, in: arm, earlier: before, isNewcomer: newcomers.contains(row.sequence))
            }
            for row in difficulties
            where row.sequence > last.difficulties && row.sequence <= look.position.difficulties {
                guard let arm = ExperimentData.Arm(rawValue: row.arm) else { continue }
                data.know(row.nats.map { .nats($0) } ?? .none, ofFirstQueryOf: row.unit, in: arm)
            }
            for rating in arrivals
            where looks.firstIndex(where: {
                $0.position.log.ratings >= rating.sequence && $0.position.log.interactions >= rating.interactionSequence
            }) == number {
                for newcomer in rating.newcomers {
                    data.arrive(
                        newcomer: newcomer, receivedSeconds: rating.received.seconds(since: record.started))
                }
            }
            for rating in arrived.filter({ $0.look == number }).map(\.rating) {
                guard let arm = ExperimentData.Arm(rawValue: rating.arm), let score = scale.score(of: rating.value)
                else {
                    continue
                }
                data.rate(
                    .init(
                        unit: rating.unit, arm: arm, rater: rating.rater, interaction: rating.interactionSequence,
                        score: score, time: rating.time.milliseconds, sequence: rating.sequence,
                        receivedSeconds: rating.received.seconds(since: record.started),
                        isByNewcomer: rating.isByNewcomer))
            }
            for row in interactions
            where row.sequence > last.log.interactions && row.sequence <= look.position.log.interactions {
                guard let arm = ExperimentData.Arm(rawValue: row.arm) else { continue }
                guard !row.isOtherArm else {
                    data.leaveOut(unit: row.unit, of: arm)
                    continue
                }
                data.serve(
                    unit: row.unit, arm: arm, RequestOutcome(row), interaction: row.sequence,
                    receivedSeconds: row.received.seconds(since: record.started))
            }
            let elapsed = look.time.seconds(since: record.started)
            data.beginLook(elapsedSeconds: elapsed)
            let result = experiment.look(
                at: data, elapsedSeconds: elapsed, isPaused: look.result["isPaused"] == true)
            data.endLook()
            results.append(try StrictJSON.encode(result))
            last = look.position
        }
        return results
    }
}
