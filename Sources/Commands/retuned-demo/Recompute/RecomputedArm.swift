/// The scores of one arm at a look, by unit.
struct RecomputedArm: Sendable {
    var scores: [String: [Double]] = [:]

    private var ratings: [Double] { scores.values.flatMap { $0 } }

    var mean: Double? {
        let all = ratings
        return all.isEmpty ? nil : all.reduce(0, +) / Double(all.count)
    }

    var variance: Double? {
        let all = ratings
        guard let mean, all.count >= 2 else { return nil }
        return all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(all.count)
    }

    /// Units that would tell as much if all had equally many ratings.
    var effectiveUnits: Double {
        let count = Double(ratings.count)
        return count * count / scores.values.reduce(0.0) { $0 + Double($1.count * $1.count) }
    }

    /// Of the mean, with the unit as cluster: K ÷ (K − 1) · Σ (sᵢ − m nᵢ)² ÷ (Σ nᵢ)².
    var squaredError: Double? {
        guard let mean, scores.count >= 2 else { return nil }
        let residual = scores.values.reduce(0.0) { sum, values in
            let gap = values.reduce(0, +) - mean * Double(values.count)
            return sum + gap * gap
        }
        let count = Double(ratings.count)
        return Double(scores.count) / Double(scores.count - 1) * residual / (count * count)
    }
}
