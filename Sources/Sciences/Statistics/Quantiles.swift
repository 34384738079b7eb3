/// Exact quantiles of values that fit in memory.
package enum Quantiles {
    /// By linear interpolation between order statistics (Hyndman & Fan's type 7, NumPy's and R's default).
    ///
    /// - Parameters:
    ///   - probability: in 0...1.
    ///   - sorted: at least one value, in rising order.
    package static func quantile(_ probability: Double, ofSorted sorted: [Double]) -> Double {
        precondition(!sorted.isEmpty, "a quantile needs values")
        let place = min(1, max(0, probability)) * Double(sorted.count - 1)
        let below = Int(place)
        guard below + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }

    /// The same of values in any order; at least one.
    package static func quantile(_ probability: Double, of values: [Double]) -> Double {
        quantile(probability, ofSorted: values.sorted())
    }

    /// The middle value.
    package static func median(_ values: [Double]) -> Double { quantile(0.5, of: values) }
}
