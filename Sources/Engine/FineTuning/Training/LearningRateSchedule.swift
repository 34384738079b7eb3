/// Warm-up and linear decay: the rate rises linearly over the first steps and falls linearly to 0 after the last.
package struct LearningRateSchedule: Equatable, Sendable {
    package var peak: Double
    package var steps: Int
    /// A sixteenth of the steps, at least 1.
    package var warmUpSteps: Int { max(1, steps / 16) }

    package init(peak: Double, steps: Int) {
        self.peak = peak
        self.steps = steps
    }

    /// Rate of step `step`, counted from 0.
    package func rate(step: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step + 1) / Double(warmUpSteps) }
        return peak * Double(steps - step) / Double(max(1, steps - warmUpSteps + 1))
    }
}
