/// Sums for a weighted mean of losses.
package struct LossSums: Equatable, Sendable {
    /// Σ weight · loss
    package private(set) var loss: Double
    /// Σ weight
    package private(set) var weight: Double

    package init(loss: Double = 0, weight: Double = 0) {
        self.loss = loss
        self.weight = weight
    }

    package mutating func add(_ loss: Double, weight: Double) {
        self.loss += weight * loss
        self.weight += weight
    }

    /// Nil where nothing has been added.
    package var mean: Double? { weight > 0 ? loss / weight : nil }
}
