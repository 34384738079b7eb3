/// What a look sees of one arm: enrolled units, their counting ratings, and how its requests went.
package struct ArmData: Equatable, Sendable {
    /// Counting ratings of a unit in [0, 1], by the order in which they entered.
    package var ratings: [String: [Double]] = [:]
    /// Rated units in the order of their first counting rating.
    package var order: [String] = []
    /// Enrolled units.
    package var enrolled = 0
    package var requests = 0
    package var errors = 0
    package var latency = MeanAndSquares()

    package init() {}

    package mutating func rate(unit: String, score: Double) {
        if ratings[unit] == nil { order.append(unit) }
        ratings[unit, default: []].append(score)
    }

    var summary: ArmSummary {
        var summary = ArmSummary()
        summary.units = enrolled
        for unit in order { summary.add(unit: ratings[unit] ?? []) }
        return summary
    }

    var firstRatings: [Double] { order.compactMap { ratings[$0]?.first } }
}

/// Count, sum and sum of squares of a measured quantity.
package struct MeanAndSquares: Equatable, Sendable {
    package var count = 0
    package var sum = 0.0
    package var squares = 0.0

    package init() {}

    package mutating func add(_ value: Double) {
        count += 1
        sum += value
        squares += value * value
    }

    var mean: Double? { count > 0 ? sum / Double(count) : nil }

    var squaredError: Double? {
        guard count >= 2, let mean else { return nil }
        return max(0, squares / Double(count) - mean * mean) / Double(count - 1)
    }
}
