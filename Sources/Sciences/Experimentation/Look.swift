/// What one look at an experiment saw and said.
package struct Look: Codable, Equatable, Sendable {
    /// What a look says: go on as before, move the ramp to its next step, or ask for that, end with the candidate or with the
    /// incumbent, or decide nothing while the sample ratio is broken or a signal speaks of harm.
    package enum Decision: String, Codable, Sendable {
        case goOn, advance, awaitApproval, promote, stopForHarm, stopForFutility, stopAtLongest, holdForSampleRatio
        case holdForSignal
    }

    /// One arm up to this look: units enrolled, units that were rated, their counting ratings and mean score in [0, 1];
    /// requests, how many of them failed, and their mean latency.
    package struct Arm: Codable, Equatable, Sendable {
        package var units: Int
        package var rated: Int
        package var ratings: Int
        package var mean: Double?
        /// The mean's own confidence sequence, for people; nothing is decided on it.
        package var lower: Double?
        package var upper: Double?
        package var errors: Int
        package var requests: Int
        package var latencyMilliseconds: Double?
        /// Ratings that were set aside; nil: none.
        package var aside: Aside?
        /// Ratings that wait for whether newcomers came in a burst; nil: none.
        package var waiting: Waiting?
        /// Enrolled units that are left out since they were seen in both arms; nil: none.
        package var inBothArms: Int?
        /// Units whose last request failed; nil: none.
        package var failing: Int?
    }

    /// A difference as a share of the control's mean, and the ends of its sequence.
    package struct Relative: Codable, Equatable, Sendable {
        package var difference: Double
        package var lower: Double
        package var upper: Double
    }

    /// Ratings of newcomers, on which nothing is decided.
    package struct Aside: Codable, Equatable, Sendable {
        package var rated: Int
        package var ratings: Int
        package var mean: Double
    }

    /// Ratings that count from a later look on, or are set aside then.
    package struct Waiting: Codable, Equatable, Sendable {
        package var rated: Int
        package var ratings: Int
    }

    /// Hours in which more newcomers came to rate than is usual, who are set aside; in seconds since the start.
    package struct Burst: Codable, Equatable, Sendable {
        package var from: Double
        package var until: Double
        /// How many came.
        package var newcomers: Int
    }

    /// Something that may not get worse than `limit`, or the metric that is the goal: `errors`, the difference in the share of
    /// failed requests; `latency`, the ratio of the means; or a metric of the design, its worsening, where that is relative as a
    /// ratio to what it was. It is broken where the lower bound is beyond the limit, errors also by the harm game.
    package struct Guardrail: Codable, Equatable, Sendable {
        package var name: String
        /// Whether it holds the ramp only; nil: it stops the experiment, or is the goal.
        package var isSignal: Bool?
        /// Whether the goal is reached, where it is that; nil: it is not.
        package var goal: Goal?
        /// The arms' values, of a metric of the design.
        package var incumbent: Double?
        package var candidate: Double?
        package var difference: Double?
        package var lower: Double?
        /// Of the goal; and whether its figures are ratios to what it was.
        package var upper: Double?
        package var isRelative: Bool?
        /// Of the goal: where the smallest improvement that is worth a promotion begins.
        package var limit: Double
        package var isBroken: Bool
    }

    /// Whether a metric is shown to be better, is so by less than is worth a promotion, or neither yet; `missing`: it is shown
    /// where there are values, which requests of one arm lack more often than chance explains.
    package enum Goal: String, Codable, Sendable { case open, shown, missing, outOfReach }

    /// Candidate minus control in shares of the requests, rated or not: good ratings, bad ratings, and ratings at all,
    /// those with their standard error and the sequence at `ExperimentDesign.sampleRatioAlpha`.
    package struct PerRequest: Codable, Equatable, Sendable {
        package var good: Double
        package var bad: Double
        package var rated: Double
        package var ratedError: Double
        /// Share of the control's requests that are rated; nil in a look that was taken before this was kept.
        package var ratedShare: Double?
        package var ratedLower: Double?
        package var ratedUpper: Double?
        /// What the difference in good ratings could be at the least and at the most, were every request rated: whatever is
        /// missing counts against the candidate, or for it.
        package var lowest: Double
        package var highest: Double

        /// Whether requests tell what ratings tell: more good ratings, fewer bad ones, and as many of them rated within
        /// what chance explains. Where it only must not be worse by a margin, the shares may be so by as much of it as is rated.
        func agrees(margin: Double) -> Bool {
            let allowed = margin * (ratedShare ?? 0)
            // Where every request is rated there is no error but rounding.
            let rounding = 1e-9
            return good > -allowed && bad < allowed
                && abs(rated) <= ExperimentDesign.ratedErrors * ratedError + rounding
        }
    }

    /// Seconds since the experiment began.
    package var elapsedSeconds: Double
    package var step: Int
    package var exposure: Double
    package var incumbent: Arm
    package var candidate: Arm
    package var difference: Double?
    package var lower: Double?
    package var upper: Double?
    package var standardError: Double?
    /// The difference as a share of the control's mean, not adjusted, with its own sequence; for people. Nil where there is none.
    package var relative: Relative?
    /// Share of the squared error that is left after what the covariates explain is taken out; nil where there were none.
    package var varianceKept: Double?
    /// Share of the squared error that those add who rate the answers to others; nil: nothing.
    package var raterShare: Double?
    /// Whether the first queries' difficulty was among the covariates: it is known of all rated units, or there is none;
    /// nil: nobody is asked for it.
    package var usesDifficulty: Bool?
    /// Pairs of the harm game, and its largest wealth so far as a natural logarithm.
    package var harmPairs: Int
    package var harmLogWealth: Double
    /// Smallest sequential p-values so far: of the assignments, and of who rates.
    package var assignmentPValue: Double
    package var raterPValue: Double
    /// Nil where an arm has fewer than two units with requests.
    package var perRequest: PerRequest?
    /// Whether the shares of rated requests are told apart by now.
    package var ratedSharesDiffer: Bool
    package var guardrails: [Guardrail]
    /// In the order of time; nil: none.
    package var bursts: [Burst]?
    /// Whether an operator held the loop.
    package var isPaused: Bool
    package var decision: Decision
    /// Why, in a sentence.
    package var reason: String
    /// What happens next, in a sentence.
    package var next: String
}
