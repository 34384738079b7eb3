import Experimentation
import Glibc
import Statistics

/// Users of whom most are new every day, by day and by night, through the default ramp; what they did in the week before
/// tells how many newcomers are usual.
struct ChangingTraffic {
    /// A crowd of new accounts that votes one arm down and the other up.
    struct Crowd: Sendable {
        /// As a share of the users of a day.
        var share = 0.05
        var against: ExperimentData.Arm
        /// In which each of them comes.
        var hours = 6
        /// Ratings of each.
        var votes = 3
    }

    struct Result: Sendable {
        var decision: Look.Decision?
        /// Others than the crowd who were not there before, until the decision, and how many of them came in a burst.
        var newcomers = 0
        var newcomersInBursts = 0
    }

    /// At any time.
    var units = 10_000
    var effect: Double
    /// Share of the users that is still there on the next day.
    var staying = 0.4
    /// By how much the hours of the day differ from their mean, as a share of it, and the spread of the logarithm by which
    /// days differ.
    var rhythm = 0.8
    var dayToDay = 0.05
    var crowd: Crowd?
    /// Whether those who come in a burst are set aside.
    var setsBurstsAside = true

    private static let base = 0.7
    private static let likeness = 0.2
    private static let ratingsPerDay = 0.5

    private struct Run {
        let traffic: ChangingTraffic
        let assignment: Assignment
        let law = ScoreLaw.share(ChangingTraffic.base, likeness: ChangingTraffic.likeness)
        /// Who comes when does not depend on what is decided.
        var generator: SeededGenerator
        var scores: SeededGenerator
        /// Which of its users a place has by now.
        var generations: [Int]
        /// Who has asked, by place and which of its users; before the experiment, and since.
        var known: Set<Int> = []
        var newcomers: Set<Int> = []
        var traits: [Int: Double] = [:]
        var level = 1.0

        /// The users who rate in an hour, counted from the start.
        mutating func raters(in hour: Int) -> [Int] {
            let ofDay = ((hour % 24) + 24) % 24
            if ofDay == 0 {
                for place in generations.indices where !generator.chance(traffic.staying) { generations[place] += 1 }
                level = exp(traffic.dayToDay * generator.normal())
            }
            let rate = level * (1 + traffic.rhythm * sin(Double(ofDay) / 24 * 2 * .pi))
            let mean = Double(traffic.units) * ChangingTraffic.ratingsPerDay / 24 * rate
            return (0..<generator.poisson(mean: mean)).map { _ in
                let place = generator.index(below: traffic.units)
                return generations[place] * traffic.units + place
            }
        }
    }

    func play(seed: UInt64, run number: Int) -> Result {
        var run = Run(
            traffic: self, assignment: Assignment(salt: "changing-\(seed)-\(number)"),
            generator: SeededGenerator.stream(seed: seed, index: UInt64(number)),
            scores: SeededGenerator.stream(seed: seed + 1, index: UInt64(number)),
            generations: [Int](repeating: 0, count: units))
        var design = RampedTraffic.design
        var before: [Int] = []
        for hour in -BurstLimits.hoursBefore..<0 {
            let raters = run.raters(in: hour).filter { run.known.insert($0).inserted }
            // The first users of the places were there already.
            before.append(raters.count { $0 >= units })
        }
        if setsBurstsAside { design.burstLimits = BurstLimits(arrivals: before) }
        var members = SeededGenerator.stream(seed: seed + 2, index: UInt64(number))
        let begin = 12 + members.index(below: 60)
        var experiment = Experiment(design: design)
        var data = ExperimentData(design: design)
        var enrolled: Set<String> = []
        var sequence: Int64 = 0
        var arrived: [Int] = []
        var result = Result()
        func rate(_ unit: String, isNew: Bool, at seconds: Double, score: (ExperimentData.Arm) -> Double) {
            if isNew { data.arrive(newcomer: unit, receivedSeconds: seconds) }
            guard let group = run.assignment.group(of: unit, exposure: experiment.exposure) else { return }
            let arm: ExperimentData.Arm = group == .candidate ? .candidate : .incumbent
            if enrolled.insert(unit).inserted { data.enrol(unit: unit, in: arm, isNewcomer: isNew) }
            sequence += 1
            data.serve(
                unit: unit, arm: arm, RequestOutcome(failed: false, latencyMilliseconds: nil), interaction: 0,
                receivedSeconds: 0)
            data.rate(
                .init(
                    unit: unit, arm: arm, rater: unit, interaction: sequence, score: score(arm),
                    time: Int64(seconds * 1000), sequence: sequence, receivedSeconds: seconds))
        }
        for hour in 0..<Int(design.longestSeconds / 3600) {
            let seconds = Double(hour) * 3600 + 1800
            var first = 0
            for user in run.raters(in: hour) {
                let isNew = !run.known.contains(user)
                if isNew, run.newcomers.insert(user).inserted { first += 1 }
                rate("u\(user)", isNew: isNew, at: seconds) { arm in
                    let trait =
                        run.traits[user] ?? run.law.trait(&run.scores, effect: arm == .candidate ? effect : 0)
                    run.traits[user] = trait
                    return run.law.score(trait, &run.scores)
                }
            }
            arrived.append(first)
            if let crowd, hour >= begin, hour < begin + crowd.hours {
                for member in 0..<Int(crowd.share * Double(units))
                where member % crowd.hours == hour - begin {
                    for _ in 0..<crowd.votes {
                        rate("crowd-\(member)", isNew: true, at: seconds) { $0 == crowd.against ? 0 : 1 }
                    }
                }
            }
            let elapsed = Double(hour + 1) * 3600
            data.beginLook(elapsedSeconds: elapsed)
            let look = experiment.look(at: data, elapsedSeconds: elapsed)
            data.endLook()
            result.decision = experiment.decided
            guard experiment.decided != nil || hour == Int(design.longestSeconds / 3600) - 1 else { continue }
            result.newcomers = arrived.reduce(0, +)
            for burst in look.bursts ?? [] {
                result.newcomersInBursts += arrived[Int(burst.from / 3600)..<Int(burst.until / 3600)].reduce(0, +)
            }
            break
        }
        return result
    }
}
