/// How a candidate is compared with the incumbent on live traffic.
package struct ExperimentSettings: Equatable, Sendable {
    /// Error rate of promoting a candidate that is not better.
    package var alpha = 0.05
    /// Whether `alpha` counts in both directions, or only in that of the promotion.
    package var sides = Sides.two
    /// Promotions of candidates that are not better, expected at most, over all experiments.
    package var falsePromotions = ErrorBudget(count: 0.5, period: .seconds(365 * 86_400))
    /// Error rate of stopping a candidate that does no harm.
    package var harmAlpha = 0.2
    /// Shares of the units enrolled as candidate at each step (as many as control).
    package var steps = [0.05, 0.25, 0.5]
    package var leastStepTime = Duration.seconds(86_400)
    package var longest = Duration.seconds(28 * 86_400)
    /// Time between two looks.
    package var lookInterval = Duration.seconds(3600)
    /// Smallest difference in the goal worth a promotion, as a share of one: the plan is made for it.
    package var minimumEffect = 0.02
    /// By how much a candidate may be worse at most, as a share of one, where an operator has it compared for not being worse.
    package var margin = 0.03
    /// Most logged queries that both arms answer in a shadow replay.
    package var shadowPairs = 400
    /// Steps of the ramp, from 1, that begin at an operator's word only.
    package var approvalSteps: [Int] = []
    /// Rated units an arm before a promotion may be decided.
    package var burnInUnits = 50
    /// Share of the units that stays on the old adapter after a promotion, and for how long.
    package var holdBack = 0.05
    package var holdBackTime = Duration.seconds(14 * 86_400)
    /// Most that latency may rise, as a ratio, and errors, as a share of one.
    package var latencyRatio = 1.5
    package var errorMargin = 0.02
    /// What is watched beside the goal, errors and latency.
    package var metrics: [MetricSettings] = []
    /// Most ratings of one rater, and of one unit, a day that count.
    package var ratingsPerRaterPerDay = DayLimit.auto
    package var ratingsPerUnitPerDay = DayLimit.auto
    /// Most requests of one unit a day that count for errors, latency and metrics of requests.
    package var requestsPerUnitPerDay = DayLimit.auto
    /// Whether ratings of those count who were not there before an experiment began.
    package var newcomers = Newcomers.auto
    /// Whether newcomers who come to rate in a burst are set aside, where newcomers count.
    package var bursts = Bursts.auto
    /// Whether the incumbent is asked how difficult the rated units' first queries are, so that fewer ratings decide.
    package var difficulty = Difficulty.auto
    /// Units, as applications name them, that get the candidate of every experiment, and units that never get one.
    /// They were not drawn by chance, so they count in no experiment.
    package var pinnedToCandidate: [String] = []
    package var pinnedToIncumbent: [String] = []

    /// `auto`: what nine of ten do not exceed on their busiest day of the week before an experiment, of ratings from 2 to 10, of
    /// requests from 10 to 100.
    package enum DayLimit: Equatable, Sendable {
        case auto
        case most(Int)
    }

    /// `auto`: they are set aside where at most a tenth of those who rate are new in a week.
    package enum Newcomers: String, Decodable, CaseIterable, Sendable { case auto, count, aside }

    /// `auto`: they are set aside where the week before tells how many newcomers are usual.
    package enum Bursts: String, Decodable, CaseIterable, Sendable { case auto, count }

    /// `auto`: it is asked; a server that gives no log-probabilities costs the try alone.
    package enum Difficulty: String, Decodable, CaseIterable, Sendable { case auto, off }

    /// `two`: a candidate that is not better is promoted with half of `alpha`, as the ends of a two-sided sequence err alike;
    /// `one`: with all of it.
    package enum Sides: String, Decodable, CaseIterable, Sendable { case one, two }

    package init() {}
}

extension ExperimentSettings.DayLimit: Decodable {
    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let most = try? value.decode(Int.self) {
            self = .most(most)
        } else if (try? value.decode(String.self)) == "auto" {
            self = .auto
        } else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "it is neither auto nor a whole number")
        }
    }
}

extension ExperimentSettings: Decodable {
    /// The keys of `deployments[].experiment`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case alpha, sides, falsePromotions, harmAlpha, steps, leastStepTime, longest, lookInterval, minimumEffect,
            margin, shadowPairs
        case approvalSteps, burnInUnits
        case holdBack, holdBackTime, latencyRatio, errorMargin, metrics
        case ratingsPerRaterPerDay, ratingsPerUnitPerDay, requestsPerUnitPerDay
        case newcomers, bursts, difficulty, pinnedToCandidate, pinnedToIncumbent
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.readShare(&alpha, .alpha)
        try values.read(&sides, .sides)
        try values.readBudget(&falsePromotions, .falsePromotions)
        try values.readShare(&harmAlpha, .harmAlpha)
        if let shares = try values.decodeIfPresent([Share].self, forKey: .steps) { steps = shares.map(\.value) }
        try values.readDuration(&leastStepTime, .leastStepTime)
        try values.readDuration(&longest, .longest)
        try values.readDuration(&lookInterval, .lookInterval)
        try values.readShare(&minimumEffect, .minimumEffect)
        try values.readShare(&margin, .margin)
        try values.read(&shadowPairs, .shadowPairs)
        try values.read(&approvalSteps, .approvalSteps)
        try values.read(&burnInUnits, .burnInUnits)
        try values.readShare(&holdBack, .holdBack)
        try values.readDuration(&holdBackTime, .holdBackTime)
        try values.read(&latencyRatio, .latencyRatio)
        try values.readShare(&errorMargin, .errorMargin)
        try values.read(&metrics, .metrics)
        try values.read(&ratingsPerRaterPerDay, .ratingsPerRaterPerDay)
        try values.read(&ratingsPerUnitPerDay, .ratingsPerUnitPerDay)
        try values.read(&requestsPerUnitPerDay, .requestsPerUnitPerDay)
        try values.read(&newcomers, .newcomers)
        try values.read(&bursts, .bursts)
        try values.read(&difficulty, .difficulty)
        try values.read(&pinnedToCandidate, .pinnedToCandidate)
        try values.read(&pinnedToIncumbent, .pinnedToIncumbent)
    }
}
