package import Statistics

/// Experiments that never ran: the decisions of `Experiment`, look by look, on requests and ratings that were.
///
/// 1. The log is played again and again, from a place drawn by chance, until the experiment is decided. Where a pass ends and
///    the next begins, a unit comes back as itself with the chance `returning` (the share of the units of the log's first
///    half that its second half sees again), else as somebody new.
/// 2. Units stand in an arm by a drawn place, as by the hash. What a unit rated in the run before it was enrolled is what it
///    rated earlier (`EarlierRatings`); what went before the run is left out. Who is new in a later pass is a newcomer.
/// 3. An effect is planted in the candidate's arm: to raise a mean m by d, each score becomes the best with the chance
///    d ÷ (1 − m); to lower it, the worst with d ÷ m. Ratings come and stay away as they did. Where a metric of requests is the
///    goal, the candidate's values of it may be better by a share.
package struct ExperimentSimulation: Sendable {
    /// How one experiment ended.
    package struct Outcome: Equatable, Sendable {
        /// `stopAtLongest` at the latest.
        package var decision: Look.Decision
        /// Since its start.
        package var seconds: Double
        /// Units enrolled as candidate by then, and how many of them had rated.
        package var candidates: Int
        package var ratedCandidates: Int
        /// Whether a failed sample ratio held the ramp at some look.
        package var isHeld: Bool
    }

    /// Why a log cannot be played.
    package enum Problem: Error, Equatable {
        /// Fewer than two units rated, or all ratings are alike.
        case tooLittle
        /// More happens by the longest duration than fits: `most` requests and ratings.
        case tooMuch(most: Int)
    }

    private struct Event: Sendable {
        var seconds: Double
        var pass: Int32
        var request: Int32
        /// Its place among the request's opinions; −1: the request itself.
        var opinion: Int32
    }

    package let design: ExperimentDesign
    package let lookSeconds: Double
    /// Of all scores of the log.
    package let mean: Double
    package let returning: Double
    private let requests: [Request]
    private let span: Double
    private let units: [Int32]
    private let unitCount: Int
    private let passes: Int
    private let events: [Event]

    private static let mostEvents = 20_000_000

    /// - Parameters:
    ///   - requests: in any order, within [0, `span`).
    ///   - span: seconds of the log, above 0.
    ///   - lookSeconds: between two looks, above 0.
    package init(
        requests: [Request], span: Double, design: ExperimentDesign, lookSeconds: Double
    ) throws(Problem) {
        self.design = design
        self.lookSeconds = lookSeconds
        self.requests = requests
        self.span = span
        var traffic = PlannedTraffic(end: span)
        var numbers: [String: Int32] = [:]
        var halves: (first: Set<Int32>, second: Set<Int32>) = ([], [])
        units = requests.map { request in
            traffic.add(unit: request.unit, at: request.seconds, scores: request.opinions.map(\.score))
            let number = numbers[request.unit] ?? Int32(numbers.count)
            numbers[request.unit] = number
            if request.seconds < span / 2 { halves.first.insert(number) } else { halves.second.insert(number) }
            return number
        }
        unitCount = numbers.count
        let summary = traffic.summary
        guard let mean = summary.mean, let variance = summary.ratingVariance, variance > 0, summary.ratedUnits > 1
        else {
            throw .tooLittle
        }
        self.mean = mean
        returning =
            halves.first.isEmpty
            ? 0 : Double(halves.first.intersection(halves.second).count) / Double(halves.first.count)
        // One more for the place it begins at, and one for the ratings that come late.
        passes = Int((design.longestSeconds / span).rounded(.up)) + 1
        let perPass = requests.reduce(0) { $0 + 1 + $1.opinions.count }
        guard perPass <= Self.mostEvents / max(1, passes) else { throw .tooMuch(most: Self.mostEvents) }
        var events: [Event] = []
        events.reserveCapacity(perPass * passes)
        for pass in 0..<passes {
            let start = Double(pass) * span
            for (index, request) in requests.enumerated() {
                events.append(
                    Event(seconds: start + request.seconds, pass: Int32(pass), request: Int32(index), opinion: -1))
                for (place, opinion) in request.opinions.enumerated() {
                    events.append(
                        Event(
                            seconds: start + max(request.seconds, opinion.seconds), pass: Int32(pass),
                            request: Int32(index), opinion: Int32(place)))
                }
            }
        }
        // A request stands before its ratings, also where they have its time.
        events.sort { ($0.seconds, $0.pass, $0.request, $0.opinion) < ($1.seconds, $1.pass, $1.request, $1.opinion) }
        self.events = events
    }

    /// Plays one experiment.
    ///
    /// - Parameters:
    ///   - effect: candidate's mean minus the incumbent's, within [−mean, 1 − mean].
    ///   - improvement: share by which the candidate's values are better of the metric that is the goal.
    package func run(effect: Double, improvement: Double = 0, _ generator: inout SeededGenerator) -> Outcome {
        var run = Run(simulation: self, effect: effect, improvement: improvement)
        return run.play(&generator)
    }

    /// The design with its hours of the day as they are for a run that begins `start` seconds into the log, which ends with the
    /// start of the experiment that is designed.
    private func design(from start: Double) -> ExperimentDesign {
        let hour = design.daySeconds / Double(BurstLimits.hoursOfDay)
        var design = design
        design.burstLimits = design.burstLimits?.later(byHours: Int(((start - span) / hour).rounded(.down)))
        return design
    }

    /// The state of one run.
    private struct Run {
        private enum Place: Sendable {
            case unseen
            case drawn(Double)
            case enrolled(ExperimentData.Arm)
        }

        let simulation: ExperimentSimulation
        let effect: Double
        let improvement: Double
        var experiment: Experiment
        var data: ExperimentData
        /// Who a unit of a pass is; −1: not yet drawn. Then, by who it is: its place, and what it rated so far.
        var identities: [Int32]
        private var places: [Place] = []
        private var earlier: [EarlierRatings] = []
        private var newcomers: [Bool] = []
        /// Requests that count, by pass and request.
        var counting: [Bool]
        var sequence: Int64 = 0

        init(simulation: ExperimentSimulation, effect: Double, improvement: Double) {
            self.simulation = simulation
            self.effect = effect
            self.improvement = improvement
            experiment = Experiment(design: simulation.design)
            data = ExperimentData(design: simulation.design)
            identities = [Int32](repeating: -1, count: simulation.passes * simulation.unitCount)
            counting = [Bool](repeating: false, count: simulation.passes * simulation.requests.count)
        }

        mutating func play(_ generator: inout SeededGenerator) -> Outcome {
            let start = generator.uniform() * simulation.span
            data = ExperimentData(design: simulation.design(from: start))
            let events = simulation.events
            var next = Self.first(of: events, from: start)
            for event in events[..<next] where event.opinion >= 0 { remember(event, &generator) }
            var isHeld = false
            var elapsed = 0.0
            while true {
                elapsed = min(elapsed + simulation.lookSeconds, simulation.design.longestSeconds)
                while next < events.count, events[next].seconds < start + elapsed {
                    take(events[next], since: start, &generator)
                    next += 1
                }
                data.beginLook(elapsedSeconds: elapsed)
                let look = experiment.look(at: data, elapsedSeconds: elapsed)
                data.endLook()
                if look.decision == .holdForSampleRatio { isHeld = true }
                // Whoever is asked for the next step says yes at once.
                if look.decision == .awaitApproval {
                    experiment.advance(to: look.step + 1, elapsedSeconds: elapsed)
                }
                if let decision = experiment.decided {
                    return Outcome(
                        decision: decision, seconds: elapsed, candidates: look.candidate.units,
                        ratedCandidates: look.candidate.rated, isHeld: isHeld)
                }
                // A hold-back ends at its longest duration, and so does everything else.
                guard elapsed < simulation.design.longestSeconds else {
                    return Outcome(
                        decision: .stopAtLongest, seconds: elapsed, candidates: look.candidate.units,
                        ratedCandidates: look.candidate.rated, isHeld: isHeld)
                }
            }
        }

        private mutating func take(_ event: Event, since start: Double, _ generator: inout SeededGenerator) {
            let pass = Int(event.pass)
            let index = Int(event.request)
            let request = simulation.requests[index]
            let unit = identity(pass: pass, unit: Int(simulation.units[index]), &generator)
            let place = pass * simulation.requests.count + index
            guard event.opinion >= 0 else {
                guard let arm = arm(of: unit, &generator) else { return }
                counting[place] = true
                var outcome = request.outcome
                if arm == .candidate, improvement != 0, let goal = simulation.design.goalMetric {
                    outcome = outcome.improved(goal.measure, by: improvement, goal.better) { generator.chance($0) }
                }
                data.serve(
                    unit: "\(unit)", arm: arm, outcome, interaction: Int64(place),
                    receivedSeconds: event.seconds - start)
                return
            }
            let opinion = request.opinions[Int(event.opinion)]
            if newcomers[unit] { data.arrive(newcomer: "\(unit)", receivedSeconds: event.seconds - start) }
            guard case .enrolled(let arm) = places[unit] else { return remember(event, &generator) }
            guard counting[place] else { return }
            sequence += 1
            data.rate(
                ExperimentData.Rating(
                    unit: "\(unit)", arm: arm, rater: opinion.rater == request.unit ? "\(unit)" : opinion.rater,
                    interaction: Int64(place), score: score(opinion.score, arm, &generator),
                    time: Int64(event.seconds * 1000), sequence: sequence,
                    receivedSeconds: event.seconds - start))
        }

        /// What a unit that is not enrolled rates is what it rated earlier.
        private mutating func remember(_ event: Event, _ generator: inout SeededGenerator) {
            let request = Int(event.request)
            let unit = identity(pass: Int(event.pass), unit: Int(simulation.units[request]), &generator)
            earlier[unit].ratings += 1
            earlier[unit].scores += simulation.requests[request].opinions[Int(event.opinion)].score
        }

        private func score(
            _ score: Double, _ arm: ExperimentData.Arm, _ generator: inout SeededGenerator
        ) -> Double {
            guard arm == .candidate, effect != 0 else { return score }
            if effect > 0 { return generator.chance(effect / (1 - simulation.mean)) ? 1 : score }
            return generator.chance(-effect / simulation.mean) ? 0 : score
        }

        private mutating func identity(pass: Int, unit: Int, _ generator: inout SeededGenerator) -> Int {
            let place = pass * simulation.unitCount + unit
            if identities[place] >= 0 { return Int(identities[place]) }
            var known: Int?
            if pass > 0, generator.chance(simulation.returning) {
                known = identity(pass: pass - 1, unit: unit, &generator)
            }
            let identity = known ?? places.count
            if known == nil {
                places.append(.unseen)
                earlier.append(EarlierRatings())
                newcomers.append(pass > 0)
            }
            identities[place] = Int32(identity)
            return identity
        }

        /// The unit's arm, in which it is enrolled where it is time; nil: it is in none yet.
        private mutating func arm(of unit: Int, _ generator: inout SeededGenerator) -> ExperimentData.Arm? {
            let place: Double
            switch places[unit] {
            case .enrolled(let arm): return arm
            case .drawn(let known): place = known
            case .unseen: place = generator.uniform()
            }
            let arm: ExperimentData.Arm
            if place < experiment.exposure {
                arm = .candidate
            } else if place >= 1 - experiment.exposure {
                arm = .incumbent
            } else {
                places[unit] = .drawn(place)
                return nil
            }
            places[unit] = .enrolled(arm)
            data.enrol(unit: "\(unit)", in: arm, earlier: earlier[unit], isNewcomer: newcomers[unit])
            return arm
        }

        private static func first(of events: [Event], from start: Double) -> Int {
            var (low, high) = (0, events.count)
            while low < high {
                let middle = (low + high) / 2
                if events[middle].seconds < start { low = middle + 1 } else { high = middle }
            }
            return low
        }
    }
}
