/// The learning rate of each step: a linear warm-up from zero, then a linear decay to a share of the peak.
package struct LearningRateSchedule: Sendable, Equatable {
    package var peak: Double
    package var warmUpSteps: Int
    package var totalSteps: Int
    /// Share of the peak that the last step has.
    package var finalShare: Double

    package init(peak: Double, warmUpSteps: Int, totalSteps: Int, finalShare: Double = 0) {
        precondition(warmUpSteps >= 0 && totalSteps >= 0 && finalShare >= 0 && finalShare <= 1)
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.totalSteps = totalSteps
        self.finalShare = finalShare
    }

    /// - Parameter step: 0 for the first.
    package func rate(atStep step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        let length = totalSteps - warmUpSteps
        guard length > 0 else { return peak }
        let passed = min(1, Double(step - warmUpSteps) / Double(length))
        return peak * (1 - (1 - finalShare) * passed)
    }
}
