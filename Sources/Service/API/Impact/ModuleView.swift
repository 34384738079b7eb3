/// A module's impact with its error.
package struct ModuleView: Codable, Equatable, Sendable {
    /// For example `layers.6.mlp.down_proj`.
    package var name: String
    package var score: Double
    package var standardError: Double
    /// Parameters at rank 1.
    package var cost: Double
    /// What the selection gives it; 0: frozen.
    package var rank: Int
    package var prior: Double?
    /// Share of its score that comes from the traffic.
    package var trafficShare: Double?

    package init(
        name: String, score: Double, standardError: Double, cost: Double, rank: Int, prior: Double? = nil,
        trafficShare: Double? = nil
    ) {
        self.name = name
        self.score = score
        self.standardError = standardError
        self.cost = cost
        self.rank = rank
        self.prior = prior
        self.trafficShare = trafficShare
    }
}
