/// What is trained, on what, within which budgets.
package struct TrainingSettings: Equatable, Sendable {
    /// Trained numbers, as a share of the base model's parameters.
    package var parameterBudget = 0.01
    package var maximumRank = 16
    /// Rank of the new factors of a selected module.
    package var rank = 2
    /// How far back the recent traffic reaches.
    package var window = Duration.seconds(14 * 86_400)
    /// Share of the training rows that are older traffic.
    package var replayShare = 0.7
    /// Share of the units that are held out.
    package var heldoutShare = 0.2
    package var epochs = 3
    package var learningRates = [2e-3, 4e-3]
    package var batchTokens = 1024
    /// Most rows of one unit, and of one rater, that may teach.
    package var rowsPerUnit = 100
    package var rowsPerRater = 100
    package var maximumRows = 8000
    /// Fewest rows with a correction; with fewer nothing is trained.
    package var leastCorrections = 75
    /// Most of the training rows that the incumbent wrote itself, as a share.
    package var ownAnswersShare = 0.9
    package var objective = Objective.supervised
    package var cpuBudget = Duration.seconds(6 * 3600)
    package var memoryBytes = 4 << 30
    package var impactMessages = 256

    /// The loss, as in `job.json`: log-likelihood of good answers, Kahneman–Tversky on good and bad ones, or their sum.
    package enum Objective: String, Decodable, Sendable { case supervised, kto, both }

    package init() {}
}

extension TrainingSettings: Decodable {
    /// The keys of `deployments[].training`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case parameterBudget, maximumRank, rank, window, replayShare, heldoutShare, epochs, learningRates, batchTokens
        case rowsPerUnit, rowsPerRater, maximumRows, leastCorrections, ownAnswersShare, objective, cpuBudget
        case memoryBytes, impactMessages
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.readShare(&parameterBudget, .parameterBudget)
        try values.read(&maximumRank, .maximumRank)
        try values.read(&rank, .rank)
        try values.readDuration(&window, .window)
        try values.readShare(&replayShare, .replayShare)
        try values.readShare(&heldoutShare, .heldoutShare)
        try values.read(&epochs, .epochs)
        try values.read(&learningRates, .learningRates)
        try values.read(&batchTokens, .batchTokens)
        try values.read(&rowsPerUnit, .rowsPerUnit)
        try values.read(&rowsPerRater, .rowsPerRater)
        try values.read(&maximumRows, .maximumRows)
        try values.read(&leastCorrections, .leastCorrections)
        try values.readShare(&ownAnswersShare, .ownAnswersShare)
        try values.read(&objective, .objective)
        try values.readDuration(&cpuBudget, .cpuBudget)
        try values.read(&memoryBytes, .memoryBytes)
        try values.read(&impactMessages, .impactMessages)
    }
}
