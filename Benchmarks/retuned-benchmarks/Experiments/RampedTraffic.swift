import Experimentation
import Statistics

/// A firm's users through the default ramp: hourly looks of the real `Experiment` over real assignments.
struct RampedTraffic {
    /// Chance that a unit rates, given how content it is (0 or 1); differs where ratings go missing by arm.
    typealias Responds = @Sendable (_ isCandidate: Bool, _ score: Double) -> Double

    /// A crowd that comes for some hours to vote an arm down, and the other one up.
    struct Brigade: Sendable {
        /// As a share of the units.
        var share = 0.05
        var against: ExperimentData.Arm
        /// Whether they are users that were there before, else as many new ones.
        var isOfKnown = false
        var hours = 6
        /// Ratings of each of the new ones in that time.
        var votes = 3
    }

    /// Known people who rate answers of the candidate, ten a day from begin to end and all alike.
    struct Zealots: Sendable {
        var number: Int
        var score: Double
        /// Whether it is those to themselves, as units of the candidate's arm, else those to others.
        var areUnits: Bool
    }

    struct Result: Sendable {
        var decision: Look.Decision?
        /// Enrolled and rated units of the candidate's arm at the decision, and hours until it.
        var candidates = 0
        var ratedCandidates = 0
        var hours = 0
        var isHeldForRatio = false
    }

    var units: Int
    var base = 0.7
    var effect: Double
    /// Requests of a unit a day, in the mean, all of them rated where none go missing; its days are all alike.
    var ratingsPerDay = 0.5
    var likeness = 0.2
    var responds: Responds = { _, _ in 1 }
    var brigade: Brigade?
    var zealots: Zealots?

    var design = Self.design

    /// The defaults of the configuration, with as many ratings of a person a day as they come to where half a rating comes of each.
    static let design = ExperimentDesign(
        alpha: 0.05, harmAlpha: 0.2, steps: [0.05, 0.25, 0.5], leastStepSeconds: 86_400, leastStepUnits: 50,
        longestSeconds: 28 * 86_400, minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5,
        errorMargin: 0.02, ratingsPerRaterPerDay: 2, ratingsPerUnitPerDay: 2)

    func play(seed: UInt64, run: Int) -> Result {
        var generator = SeededGenerator.stream(seed: seed, index: UInt64(run))
        let assignment = Assignment(salt: "bench-\(seed)-\(run)")
        let law = ScoreLaw.share(base, likeness: likeness)
        var traits: [Int: Double] = [:]
        var enrolled = Set<String>()
        var experiment = Experiment(design: design)
        var data = ExperimentData(design: design)
        var result = Result()
        var sequence: Int64 = 0
        // Of its own, so that everybody else does what they do without it.
        var crowd = SeededGenerator.stream(seed: seed + 1, index: UInt64(run))
        let begin = 12 + crowd.index(below: 60)
        /// What can be rated by others: the newest request of each unit of the candidate's arm.
        var requests: [(unit: String, interaction: Int64)] = []
        var places: [String: Int] = [:]
        func rate(
            _ unit: String, _ arm: ExperimentData.Arm, _ score: Double, hour: Int, by rater: String? = nil,
            of interaction: Int64? = nil
        ) {
            sequence += 1
            data.rate(
                .init(
                    unit: unit, arm: arm, rater: rater ?? unit, interaction: interaction ?? sequence, score: score,
                    time: Int64(hour) * 3_600_000, sequence: sequence, receivedSeconds: Double(hour) * 3600))
            guard rater == nil, zealots != nil, arm == .candidate else { return }
            if let place = places[unit] {
                requests[place].interaction = sequence
            } else {
                places[unit] = requests.count
                requests.append((unit, sequence))
            }
        }
        for hour in 1...Int(design.longestSeconds / 3600) {
            for _ in 0..<generator.poisson(mean: Double(units) * ratingsPerDay / 24) {
                let unit = generator.index(below: units)
                guard let group = assignment.group(of: "u\(unit)", exposure: experiment.exposure) else { continue }
                let isCandidate = group == .candidate
                let arm: ExperimentData.Arm = isCandidate ? .candidate : .incumbent
                if traits[unit] == nil {
                    traits[unit] = law.trait(&generator, effect: isCandidate ? effect : 0)
                    data.enrol(unit: "u\(unit)", in: arm)
                }
                let score = law.score(traits[unit] ?? base, &generator)
                data.serve(
                    unit: "u\(unit)", arm: arm, RequestOutcome(failed: false, latencyMilliseconds: nil), interaction: 0,
                    receivedSeconds: 0)
                guard generator.chance(responds(isCandidate, score)) else { continue }
                if let brigade, brigade.isOfKnown, Double(unit) < brigade.share * Double(units), hour >= begin {
                    rate("u\(unit)", arm, arm == brigade.against ? 0 : 1, hour: hour)
                } else {
                    rate("u\(unit)", arm, score, hour: hour)
                }
            }
            if let brigade, !brigade.isOfKnown, hour >= begin, hour < begin + brigade.hours {
                let members = Int(brigade.share * Double(units))
                for member in 0..<members {
                    for _ in 0..<crowd.poisson(mean: Double(brigade.votes) / Double(brigade.hours)) {
                        let unit = "b\(member)"
                        guard let group = assignment.group(of: unit, exposure: experiment.exposure) else { continue }
                        let arm: ExperimentData.Arm = group == .candidate ? .candidate : .incumbent
                        if enrolled.insert(unit).inserted { data.enrol(unit: unit, in: arm, isNewcomer: true) }
                        data.serve(
                            unit: unit, arm: arm, RequestOutcome(failed: false, latencyMilliseconds: nil),
                            interaction: 0, receivedSeconds: 0)
                        rate(unit, arm, arm == brigade.against ? 0 : 1, hour: hour)
                    }
                }
            }
            if let zealots, hour % 24 < 10, !requests.isEmpty {
                for zealot in 0..<zealots.number {
                    if zealots.areUnits, zealot < requests.count {
                        let unit = requests[zealot].unit
                        data.serve(
                            unit: unit, arm: .candidate, RequestOutcome(failed: false, latencyMilliseconds: nil),
                            interaction: 0, receivedSeconds: 0)
                        rate(unit, .candidate, zealots.score, hour: hour)
                    } else if !zealots.areUnits {
                        let seen = requests[crowd.index(below: requests.count)]
                        rate(
                            seen.unit, .candidate, zealots.score, hour: hour, by: "z\(zealot)", of: seen.interaction)
                    }
                }
            }
            let look = experiment.look(at: data, elapsedSeconds: Double(hour) * 3600)
            data.endLook()
            if look.decision == .holdForSampleRatio { result.isHeldForRatio = true }
            if let decided = experiment.decided {
                result.decision = decided
                result.candidates = look.candidate.units
                result.ratedCandidates = look.candidate.rated
                result.hours = hour
                return result
            }
        }
        return result
    }
}
