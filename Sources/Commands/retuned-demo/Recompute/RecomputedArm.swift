/// What one arm's units add up to at a look: of each unit a number of values (ratings, or requests), their sum and the sum
/// of their squares.
struct RecomputedArm: Sendable {
    struct Unit: Sendable {
        var count = 0.0
        var sum = 0.0
        var squares = 0.0

        mutating func add(_ value: Double) {
            count += 1
            sum += value
            squares += value * value
        }
    }

    var units: [String: Unit] = [:]

    private var count: Double { units.values.reduce(0) { $0 + $1.count } }

    var mean: Double? { count > 0 ? units.values.reduce(0) { $0 + $1.sum } / count : nil }

    /// Of single values.
    var variance: Double? {
        guard let mean, count >= 2 else { return nil }
        return max(0, units.values.reduce(0) { $0 + $1.squares } / count - mean * mean)
    }

    /// Units that would tell as much if all had equally many values.
    var effectiveUnits: Double { count * count / units.values.reduce(0) { $0 + $1.count * $1.count } }

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
