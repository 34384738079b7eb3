/// Both arms of an experiment, from the rows of the log in the order in which they came.
///
/// 1. Each rater's opinion of an interaction is one rating. It is *admitted* when it first arrives, if fewer than
///    `ratingsPerRaterPerDay` of the rater and fewer than `ratingsPerUnitPerDay` of the unit were admitted on that day
///    before; what was not admitted then never counts.
/// 2. A later rating by the same rater of the same interaction replaces the value of an admitted one, where it is later by
///    its own time, then by arrival. It takes no place of its own in the day.
/// 3. What is known of a unit's *first* score is what first arrived (`ArmData.newScores`), whatever replaced it since. Who rates
///    other units' answers is heard there, and in what units rated last, once: one person's opinions are no independent ones,
///    however many units they are about, and on however many days.
/// 4. Ratings on the scales of other metrics are admitted likewise, each scale by its own counts.
/// 5. Where the design sets newcomers aside, nothing is decided on ratings of units, or by raters, who were not there before
///    the experiment began: a crowd that comes to vote an arm down has no part in it. Who was there before was settled before
///    anybody saw the candidate, so that leaving the others out does not favour an arm.
/// 6. Of a unit's requests of a day the first `requestsPerUnitPerDay` count for errors, latency and metrics of requests, and
///    those and the ones with a rating that counts among the requests that can be rated.
/// 7. Where it has `burstLimits` instead, ratings of those wait until it is known whether they came in a burst
///    (`NewcomerArrivals`): then they are set aside, or come in as though they had arrived just before that look, in the order
///    in which they arrived.
package struct ExperimentData: Equatable, Sendable {
    /// An arm by its name in the log. In a hold-back, `incumbent` is what is held back and `candidate` what was
    /// promoted.
    package enum Arm: String, Sendable { case incumbent, candidate }

    /// One rater's opinion of one interaction.
    private struct Opinion: Hashable, Sendable {
        var interaction: Int64
        var rater: Int32
        /// −1: the goal.
        var metric: Int32
    }

    private struct Value: Equatable, Sendable {
        var score: Double
        var time: Int64
        var sequence: Int64
        var use: Use
        var isIndependent: Bool
    }

    private enum Use: Sendable { case counts, aside, none }

    /// Who has only so many ratings a day.
    private enum Source: Hashable, Sendable {
        case rater(Int32)
        case unit(Int32)
    }

    private struct SourceDay: Hashable, Sendable {
        var source: Source
        var day: Int32
        /// Each scale has days of its own; −1: the goal.
        var metric: Int32
    }

    package private(set) var incumbent: ArmData
    package private(set) var candidate: ArmData
    /// Who rates the answers to others, on the goal's scale.
    package private(set) var raterClusters = RaterClusters()
    private let ratingsPerRaterPerDay: Int
    private let ratingsPerUnitPerDay: Int
    private let requestsPerUnitPerDay: Int
    private let daySeconds: Double
    private let setsNewcomersAside: Bool
    /// Units that were not there before the experiment began, where that matters.
    private var newcomers: [String: Arm] = [:]
    private var arrivals: NewcomerArrivals?
    /// Ratings that wait, in the order in which they arrived.
    private var waiting: [Rating] = []
    /// Raters and units that were rated, numbered in the order in which they came.
    private var raters: [String: Int32] = [:]
    private var ratedUnits: [String: Int32] = [:]
    private var opinions: [Opinion: Value] = [:]
    /// What all raters said of an interaction on the goal's scale, as far as it counts.
    private var interactions: [Int64: UnitTotals] = [:]
    /// Interactions that were rated, all beyond the day's numbers.
    private var dismissed: Set<Int64> = []
    /// Interactions beyond their unit's number of the day of which no rating counts.
    private var beyond: Set<Int64> = []
    private var perDay: [SourceDay: Int] = [:]
    /// Raters of other units' answers who were heard.
    private var heard: Set<Int32> = []

    package init(design: ExperimentDesign) {
        incumbent = ArmData(metrics: design.metrics)
        candidate = incumbent
        ratingsPerRaterPerDay = design.ratingsPerRaterPerDay
        ratingsPerUnitPerDay = design.ratingsPerUnitPerDay
        requestsPerUnitPerDay = design.requestsPerUnitPerDay
        daySeconds = design.daySeconds
        setsNewcomersAside = design.setsNewcomersAside
        if !setsNewcomersAside, let limits = design.burstLimits {
            arrivals = NewcomerArrivals(
                limits: limits, hourSeconds: design.daySeconds / Double(BurstLimits.hoursOfDay))
        }
    }

    /// A unit was enrolled, after such ratings.
    ///
    /// - Parameter isNewcomer: whether the log held no request of it when the experiment began.
    package mutating func enrol(
        unit: String, in arm: Arm, earlier: EarlierRatings = EarlierRatings(), isNewcomer: Bool = false
    ) {
        change(arm) { $0.enrol(unit: unit, earlier: earlier) }
        guard isNewcomer, setsNewcomersAside || arrivals != nil else { return }
        newcomers[unit] = arm
        let standing = arrivals?.standing(of: unit)
        if setsNewcomersAside || standing == .waiting || standing == .aside {
            change(arm) { $0.setRatable(false, unit: unit) }
        }
    }

    /// The incumbent was asked how difficult an enrolled unit's first query is; before the look that it counts from.
    package mutating func know(_ difficulty: Covariates.Difficulty, ofFirstQueryOf unit: String, in arm: Arm) {
        change(arm) { $0.know(difficulty, ofFirstQueryOf: unit) }
    }

    /// Takes a request of an enrolled unit in, in the order of the log. That of a newcomer who is set aside, or waits, counts
    /// for the guardrails and not among the requests that can be rated.
    ///
    /// - Parameters:
    ///   - interaction: its place in the log.
    ///   - receivedSeconds: when it was received, since the experiment began.
    package mutating func serve(
        unit: String, arm: Arm, _ outcome: RequestOutcome, interaction: Int64, receivedSeconds: Double
    ) {
        let (day, most) = (day(of: receivedSeconds), requestsPerUnitPerDay)
        var isBeyond = false
        change(arm) { isBeyond = $0.serve(unit: unit, outcome, day: day, most: most) }
        guard isBeyond else { return }
        // Ratings may be read before their requests.
        if interactions[interaction] != nil || dismissed.contains(interaction) {
            change(arm) { $0.dismiss(false, unit: unit) }
        } else {
            beyond.insert(interaction)
        }
    }

    private func day(of receivedSeconds: Double) -> Int32 { Int32(clamping: Int(receivedSeconds / daySeconds)) }

    /// A unit or a rater that was not there before the experiment began rated, or was rated, whether enrolled or not; in the
    /// order of the log, before the ratings that count.
    package mutating func arrive(newcomer: String, receivedSeconds: Double) {
        guard arrivals?.arrive(newcomer, at: receivedSeconds) == true, let arm = newcomers[newcomer] else { return }
        change(arm) { $0.setRatable(false, unit: newcomer) }
    }

    /// A unit was answered by the other arm's adapter, in a conversation that began after it was enrolled: what it rates says
    /// something of both arms, so it counts in neither from here on.
    package mutating func leaveOut(unit: String, of arm: Arm) {
        change(arm) { $0.leaveOut(unit: unit) }
        raterClusters.leaveOut(unit: unit)
    }

    /// Takes a rating in, in the order of the log: admits it, or lets it replace what its rater said before, or drops
    /// it.
    package mutating func rate(_ rating: Rating) {
        let standing = standing(of: rating)
        guard standing != .waiting else {
            waiting.append(rating)
            return
        }
        let metric = Int32(rating.metric ?? -1)
        let opinion = Opinion(
            interaction: rating.interaction, rater: Self.number(of: rating.rater, in: &raters), metric: metric)
        guard let known = opinions[opinion] else {
            let day = day(of: rating.receivedSeconds)
            let rater = SourceDay(source: .rater(opinion.rater), day: day, metric: metric)
            let unit = SourceDay(
                source: .unit(Self.number(of: rating.unit, in: &ratedUnits)), day: day, metric: metric)
            let isNew = standing == .aside
            // What is set aside takes no place of the unit's: a crowd could else keep the unit's own ratings out.
            let isAdmitted =
                perDay[rater, default: 0] < ratingsPerRaterPerDay
                && (isNew || perDay[unit, default: 0] < ratingsPerUnitPerDay)
            if isAdmitted {
                perDay[rater, default: 0] += 1
                if !isNew { perDay[unit, default: 0] += 1 }
            }
            let use: Use = isAdmitted ? isNew ? .aside : .counts : .none
            let isIndependent =
                use == .counts && metric < 0 && (rating.rater == rating.unit || heard.insert(opinion.rater).inserted)
            take(rating, use, replacing: nil, isIndependent: isIndependent)
            opinions[opinion] = Value(
                score: rating.score, time: rating.time, sequence: rating.sequence, use: use,
                isIndependent: isIndependent)
            return
        }
        guard (rating.time, rating.sequence) > (known.time, known.sequence) else { return }
        take(rating, known.use, replacing: known.score, isIndependent: known.isIndependent)
        opinions[opinion] = Value(
            score: rating.score, time: rating.time, sequence: rating.sequence, use: known.use,
            isIndependent: known.isIndependent)
    }

    /// What becomes of a rating, by whose it is and of whom. Who has not arrived yet arrives with it.
    private mutating func standing(of rating: Rating) -> NewcomerArrivals.Standing {
        let isOfNewcomer = newcomers[rating.unit] != nil
        guard rating.isByNewcomer || isOfNewcomer else { return .released }
        guard arrivals != nil else { return setsNewcomersAside ? .aside : .released }
        let names = (rating.isByNewcomer ? [rating.rater] : []) + (isOfNewcomer ? [rating.unit] : [])
        for name in names { arrive(newcomer: name, receivedSeconds: rating.receivedSeconds) }
        let standings = names.map { arrivals?.standing(of: $0) }
        return standings.contains(.waiting) ? .waiting : standings.contains(.aside) ? .aside : .released
    }

    /// A look is about to be taken, after all that came before it: newcomers who are known by then to have come in no burst
    /// count from this one on, and those who came in one are set aside.
    ///
    /// - Parameter elapsedSeconds: since the experiment began.
    package mutating func beginLook(elapsedSeconds: Double) {
        guard let settled = arrivals?.look(at: elapsedSeconds) else { return }
        for unit in settled.released {
            if let arm = newcomers[unit] { change(arm) { $0.setRatable(true, unit: unit) } }
        }
        let ratings = waiting
        waiting = []
        for rating in ratings { rate(rating) }
        for arm in [Arm.incumbent, .candidate] {
            let here = waiting.filter { $0.arm == arm && $0.metric == nil }
            change(arm) {
                $0.wait(
                    ratings: Set(here.map { [$0.rater, "\($0.interaction)"] }).count,
                    units: Set(here.map(\.unit)).count)
            }
        }
    }

    /// In which newcomers are set aside.
    package var bursts: [Look.Burst] {
        let hour = daySeconds / Double(BurstLimits.hoursOfDay)
        return (arrivals?.bursts ?? []).map {
            Look.Burst(
                from: Double($0.hours.lowerBound) * hour, until: Double($0.hours.upperBound) * hour,
                newcomers: $0.newcomers)
        }
    }

    private mutating func take(_ rating: Rating, _ use: Use, replacing earlier: Double?, isIndependent: Bool) {
        switch use {
        case .counts where rating.metric != nil:
            change(rating.arm) {
                $0.rate(unit: rating.unit, score: rating.score, replacing: earlier, metric: rating.metric)
            }
        case .counts:
            let request = Self.hear(
                rating.score, replacing: earlier, of: &interactions[rating.interaction, default: UnitTotals()])
            if dismissed.remove(rating.interaction) != nil || beyond.remove(rating.interaction) != nil {
                change(rating.arm) { $0.dismiss(false, unit: rating.unit) }
            }
            change(rating.arm) {
                $0.rate(
                    unit: rating.unit, score: rating.score, replacing: earlier, isIndependent: isIndependent,
                    request: request)
            }
            if rating.rater != rating.unit, !isLeftOut(rating.unit, of: rating.arm) {
                raterClusters.rate(
                    unit: rating.unit, in: rating.arm, rater: Self.number(of: rating.rater, in: &raters),
                    score: rating.score, replacing: earlier)
            }
        // Of other scales only what counts is shown.
        case .aside where rating.metric != nil: return
        case .aside: change(rating.arm) { $0.setAside(unit: rating.unit, score: rating.score, replacing: earlier) }
        // Neither is its request one that nobody rated.
        case .none:
            guard rating.metric == nil, interactions[rating.interaction] == nil,
                !beyond.contains(rating.interaction), dismissed.insert(rating.interaction).inserted
            else { return }
            change(rating.arm) { $0.dismiss(true, unit: rating.unit) }
        }
    }

    /// The mean score of an interaction, now and before; nil: it had none.
    private static func hear(
        _ score: Double, replacing earlier: Double?, of interaction: inout UnitTotals
    ) -> (score: Double, earlier: Double?) {
        let before = interaction.ratings > 0 ? interaction.sum / Double(interaction.ratings) : nil
        if let earlier { interaction.exchange(earlier, for: score) } else { interaction.add(score) }
        // One rater's opinion is itself, without rounding.
        if interaction.ratings == 1 { interaction = UnitTotals(ratings: 1, sum: score, squares: score * score) }
        return (interaction.sum / Double(interaction.ratings), before)
    }

    /// The look was taken: who is new from here on counts for the next one.
    package mutating func endLook() {
        incumbent.endLook()
        candidate.endLook()
    }

    private static func number(of name: String, in names: inout [String: Int32]) -> Int32 {
        if let known = names[name] { return known }
        let number = Int32(clamping: names.count)
        names[name] = number
        return number
    }

    private func isLeftOut(_ unit: String, of arm: Arm) -> Bool {
        switch arm {
        case .incumbent: incumbent.isLeftOut(unit)
        case .candidate: candidate.isLeftOut(unit)
        }
    }

    private mutating func change(_ arm: Arm, _ body: (inout ArmData) -> Void) {
        switch arm {
        case .incumbent: body(&incumbent)
        case .candidate: body(&candidate)
        }
    }
}
