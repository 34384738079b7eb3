/// What one arm's units add up to at a look: of each unit a number of values (ratings, or requests), their sum and the sum
/// of their squares.
struct RecomputedArm: Sendable {
    struct Unit: Sendable {
        var count = 0.0
        var sum = 0.0
        var squares = 0.0
        /// What explains a part of it: Σ of earlier ratings ÷ (their number + 2), and their number ÷ (their number + 2); with the
        /// difficulty of the first query two more, it and 1, or 0 and 0.
        var covariates: [Double] = []

        mutating func add(_ value: Double) {
            count += 1
            sum += value
            squares += value * value
        }
    }

    var units: [String: Unit] = [:]

    var count: Double { units.values.reduce(0) { $0 + $1.count } }

    var mean: Double? { count > 0 ? units.values.reduce(0) { $0 + $1.sum } / count : nil }

    /// Of single values.
    var variance: Double? {
        guard let mean, count >= 2 else { return nil }
        return max(0, units.values.reduce(0) { $0 + $1.squares } / count - mean * mean)
    }

    /// Units that would tell as much if all had equally many values.
    var effectiveUnits: Double { count * count / units.values.reduce(0) { $0 + $1.count * $1.count } }

    /// Σ n z ÷ Σ n of the covariates z.
    var covariates: [Double] {
        let number = units.values.first?.covariates.count ?? 0
        return (0..<number).map { index in units.values.reduce(0) { $0 + $1.count * $1.covariates[index] } / count }
    }

    /// Each unit's residual s − m n, and n (z − Z) of the covariates.
    var residuals: [(outcome: Double, covariates: [Double])] {
        let (mean, common) = (mean ?? 0, covariates)
        return units.values.map { unit in
            (unit.sum - mean * unit.count, zip(unit.covariates, common).map { unit.count * ($0 - $1) })
        }
    }

    /// With θ · n (z − Z) taken out of each residual: K ÷ (K − c) · Σ … ² ÷ (Σ n)², c one more than half of the covariates.
    func squaredError(without theta: [Double]) -> Double {
        let residual = residuals.reduce(0) { sum, unit in
            let rest = zip(theta, unit.covariates).reduce(unit.outcome) { $0 - $1.0 * $1.1 }
            return sum + rest * rest
        }
        return Double(units.count) / Double(units.count - 1 - theta.count / 2) * residual / (count * count)
    }

    /// Of the mean, with the unit as cluster: K ÷ (K − 1) · Σ (sᵢ − m nᵢ)² ÷ (Σ nᵢ)².
    var squaredError: Double? {
        guard let mean, units.count >= 2 else { return nil }
        let residual = units.values.reduce(0) { sum, unit in
            let gap = unit.sum - mean * unit.count
            return sum + gap * gap
        }
        return Double(units.count) / Double(units.count - 1) * residual / (count * count)
    }
}
