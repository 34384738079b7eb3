/// The error rate of the next experiment from a budget of false promotions over all experiments.
///
/// An experiment with a two-sided error rate α promotes a candidate that is not better with a chance of at most α ÷ 2. Each
/// may spend a twentieth of what the experiments that began within the budget's period have left. So those of any span of that
/// length spend no more than the budget together, and so many false promotions are expected at most, however often the
/// loop runs (union bound); and no experiment ever finds nothing left.
package enum PromotionBudget {
    private static let share = 0.05

    /// - Parameters:
    ///   - wanted: two-sided error rate of an experiment that stands alone.
    ///   - earlier: those of the experiments that began within the period.
    ///   - budget: false promotions in the period.
    package static func alpha(wanted: Double, earlier: [Double], budget: Double) -> Double {
        let left = budget - earlier.reduce(0) { $0 + $1 / 2 }
        return min(wanted, max(1e-12, 2 * share * left))
    }
}
