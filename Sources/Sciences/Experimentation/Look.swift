/// What one look at an experiment saw and said.
package struct Look: Codable, Equatable, Sendable {
    /// What a look says: go on as before, move the ramp to its next step, end with the candidate or with the incumbent,
    /// or decide nothing while the sample ratio is broken.
    package enum Decision: String, Codable, Sendable {
        case goOn, advance, promote, stopForHarm, stopForFutility, stopAtLongest, holdForSampleRatio
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
    }

    /// Ratings of newcomers, on which nothing is decided.
    package struct Aside: Codable, Equatable, Sendable {
        package var rated: Int
        package var ratings: Int
        package var mean: Double
    }

    /// Something that may not get worse than `limit`: `errors`, the difference in the share of failed requests, or
    /// `latency`, the ratio of the means. It is broken where the lower bound is beyond the limit, errors also by the
    /// harm game.
    package struct Guardrail: Codable, Equatable, Sendable {
        package var name: String
        package var difference: Double?
        package var lower: Double?
        package var limit: Double
        package var isBroken: Bool
    }

    /// Candidate minus control in shares of the requests, rated or not: good ratings, bad ratings, and ratings at all,
    /// those with their standard error and the sequence at `ExperimentDesign.sampleRatioAlpha`.
    package struct PerRequest: Codable, Equatable, Sendable {
        package var good: Double
        package var bad: Double
        package var rated: Double
        package var ratedError: Double
        package var ratedLower: Double?
        package var ratedUpper: Double?
        /// What the difference in good ratings could be at the least and at the most, were every request rated: whatever is
        /// missing counts against the candidate, or for it.
        package var lowest: Double
        package var highest: Double

        /// Whether requests tell what ratings tell: more good ratings, fewer bad ones, and as many of them rated within
        /// what chance explains.
        var agrees: Bool {
            good > 0 && bad < 0 && abs(rated) <= ExperimentDesign.ratedErrors * ratedError
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
    /// Share of the squared error that is left after the units' earlier ratings are taken out; nil where there were none.
    package var varianceKept: Double?
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
    /// Whether an operator held the loop.
    package var isPaused: Bool
    package var decision: Decision
    /// Why, in a sentence.
    package var reason: String
    /// What happens next, in a sentence.
    package var next: String
}
