/// What the log holds.
package struct DeploymentCounts: Codable, Equatable, Sendable {
    package var interactions: Int
    package var ratings: Int
    package var units: Int

    package init(interactions: Int, ratings: Int, units: Int) {
        self.interactions = interactions
        self.ratings = ratings
        self.units = units
    }
}
