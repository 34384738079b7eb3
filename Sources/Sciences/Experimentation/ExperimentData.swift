/// Both arms of an experiment, from the rows of the log in the order in which they came.
///
/// 1. Each rater's opinion of an interaction is one rating. It is *admitted* when it first arrives, if fewer than
///    `ratingsPerRaterPerDay` of the rater and fewer than `ratingsPerUnitPerDay` of the unit were admitted on that day
///    before; what was not admitted then never counts.
/// 2. A later rating by the same rater of the same interaction replaces the value of an admitted one, where it is later by
///    its own time, then by arrival. It takes no place of its own in the day.
/// 3. What is known of a unit's *first* score is what first arrived (`ArmData.newScores`), whatever replaced it since.
/// 4. Ratings on the scales of other metrics are admitted likewise, each scale by its own counts.
/// 5. Where the design sets newcomers aside, nothing is decided on ratings of units, or by raters, who were not there before
///    the experiment began: a crowd that comes to vote an arm down has no part in it. Who was there before was settled before
///    anybody saw the candidate, so that leaving the others out does not favour an arm.
package struct ExperimentData: Equatable, Sendable {
    /// An arm by its name in the log. In a hold-back, `incumbent` is what is held back and `candidate` what was
    /// promoted.
    package enum Arm: String, Sendable { case incumbent, candidate }

    /// A rating of an enrolled unit's interaction, on the goal's scale.
    package struct Rating: Sendable {
        package var unit: String
        package var arm: Arm
        package var rater: String
        /// The interaction's place in the log.
        package var interaction: Int64
        /// In [0, 1].
        package var score: Double
        /// When it was given, in milliseconds, and its place in the log: of two by one rater the later counts.
        package var time: Int64
        package var sequence: Int64
        /// When it was received, in seconds since the experiment began.
        package var receivedSeconds: Double
        /// The place in the design of the metric whose scale it is on; nil: it is on the goal's.
        package var metric: Int?
        /// Whether a rater who is not the unit was not there before the experiment began.
        package var isByNewcomer: Bool

        package init(
            unit: String, arm: Arm, rater: String, interaction: Int64, score: Double, time: Int64, sequence: Int64,
            receivedSeconds: Double, isByNewcomer: Bool = false, metric: Int? = nil
        ) {
            self.unit = unit
            self.arm = arm
            self.rater = rater
            self.interaction = interaction
            self.score = score
            self.time = time
            self.sequence = sequence
            self.receivedSeconds = receivedSeconds
            self.isByNewcomer = isByNewcomer
            self.metric = metric
        }
    }

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
    private let ratingsPerRaterPerDay: Int
    private let ratingsPerUnitPerDay: Int
    private let daySeconds: Double
    private let setsNewcomersAside: Bool
    /// Units that were not there before the experiment began, where that matters.
    private var newcomers: Set<String> = []
    /// Raters and units that were rated, numbered in the order in which they came.
    private var raters: [String: Int32] = [:]
    private var ratedUnits: [String: Int32] = [:]
    private var opinions: [Opinion: Value] = [:]
    private var perDay: [SourceDay: Int] = [:]

    package init(design: ExperimentDesign) {
        incumbent = ArmData(metrics: design.metrics)
        candidate = incumbent
        ratingsPerRaterPerDay = design.ratingsPerRaterPerDay
        ratingsPerUnitPerDay = design.ratingsPerUnitPerDay
        daySeconds = design.daySeconds
        setsNewcomersAside = design.setsNewcomersAside
    }

    /// A unit was enrolled, after such ratings.
    ///
    /// - Parameter isNewcomer: whether the log held no request of it when the experiment began.
    package mutating func enrol(
        unit: String, in arm: Arm, earlier: EarlierRatings = EarlierRatings(), isNewcomer: Bool = false
    ) {
        if setsNewcomersAside, isNewcomer { newcomers.insert(unit) }
        change(arm) { $0.enrol(unit: unit, earlier: earlier) }
    }

    /// Takes a request of an enrolled unit in, in the order of the log. A newcomer's, where newcomers are set aside,
    /// counts for the guardrails and not among the requests that can be rated.
    package mutating func serve(unit: String, arm: Arm, _ outcome: RequestOutcome) {
        let isRatable = !newcomers.contains(unit)
        change(arm) {
            $0.serve(unit: unit, outcome, isRatable: isRatable)
        }
    }

    /// A unit was answered by the other arm's adapter, in a conversation that began after it was enrolled: what it rates says
    /// something of both arms, so it counts in neither from here on.
    package mutating func leaveOut(unit: String, of arm: Arm) { change(arm) { $0.leaveOut(unit: unit) } }

    /// Takes a rating in, in the order of the log: admits it, or lets it replace what its rater said before, or drops
    /// it.
    package mutating func rate(_ rating: Rating) {
        let metric = Int32(rating.metric ?? -1)
        let opinion = Opinion(
            interaction: rating.interaction, rater: Self.number(of: rating.rater, in: &raters), metric: metric)
        guard let known = opinions[opinion] else {
            let day = Int32(clamping: Int(rating.receivedSeconds / daySeconds))
            let rater = SourceDay(source: .rater(opinion.rater), day: day, metric: metric)
            let unit = SourceDay(
                source: .unit(Self.number(of: rating.unit, in: &ratedUnits)), day: day, metric: metric)
            let isNew = setsNewcomersAside && (rating.isByNewcomer || newcomers.contains(rating.unit))
            // What is set aside takes no place of the unit's: a crowd could else keep the unit's own ratings out.
            let isAdmitted =
                perDay[rater, default: 0] < ratingsPerRaterPerDay
                && (isNew || perDay[unit, default: 0] < ratingsPerUnitPerDay)
            if isAdmitted {
                perDay[rater, default: 0] += 1
                if !isNew { perDay[unit, default: 0] += 1 }
            }
            let use: Use = isAdmitted ? isNew ? .aside : .counts : .none
            take(rating, use, replacing: nil)
            opinions[opinion] = Value(score: rating.score, time: rating.time, sequence: rating.sequence, use: use)
            return
        }
        guard (rating.time, rating.sequence) > (known.time, known.sequence) else { return }
        take(rating, known.use, replacing: known.score)
        opinions[opinion] = Value(
            score: rating.score, time: rating.time, sequence: rating.sequence, use: known.use)
    }

    private mutating func take(_ rating: Rating, _ use: Use, replacing earlier: Double?) {
        switch use {
        case .counts:
            change(rating.arm) {
                $0.rate(unit: rating.unit, score: rating.score, replacing: earlier, metric: rating.metric)
            }
        // Of other scales only what counts is shown.
        case .aside where rating.metric != nil: return
        case .aside: change(rating.arm) { $0.setAside(unit: rating.unit, score: rating.score, replacing: earlier) }
        case .none: return
        }
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

    private mutating func change(_ arm: Arm, _ body: (inout ArmData) -> Void) {
        switch arm {
        case .incumbent: body(&incumbent)
        case .candidate: body(&candidate)
        }
    }
}
