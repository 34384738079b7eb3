import Glibc

/// The Kahneman–Tversky objective (Ethayarajh et al., arXiv 2402.01306, equations 7 and 8).
///
/// r = log π(y|x) − log π_ref(y|x), z₀ = max(0, mean of r over mismatched pairs of the batch), held constant;
/// loss of a row = λ_D · (1 − σ(β(r − z₀))) for a desirable answer, λ_U · (1 − σ(β(z₀ − r))) for an undesirable one.
package struct KahnemanTversky: Equatable, Sendable {
    package var beta: Double
    package var desirableWeight: Double
    package var undesirableWeight: Double

    package init(beta: Double, desirableWeight: Double, undesirableWeight: Double) {
        self.beta = beta
        self.desirableWeight = desirableWeight
        self.undesirableWeight = undesirableWeight
    }

    /// z₀ of a batch from the rewards of its mismatched pairs.
    package static func referencePoint(_ mismatched: [Double]) -> Double {
        guard !mismatched.isEmpty else { return 0 }
        return max(0, mismatched.reduce(0, +) / Double(mismatched.count))
    }

    /// Loss of a row with reward `r`.
    package func loss(reward: Double, referencePoint: Double, desirable: Bool) -> Double {
        let (weight, argument) =
            desirable
            ? (desirableWeight, beta * (reward - referencePoint))
            : (undesirableWeight, beta * (referencePoint - reward))
        return weight * (1 - Self.logistic(argument))
    }

    /// Derivative of the loss with respect to log π(y|x): negative for desirable answers.
    package func slope(reward: Double, referencePoint: Double, desirable: Bool) -> Double {
        let sign = desirable ? 1.0 : -1.0
        let value = Self.logistic(sign * beta * (reward - referencePoint))
        return -sign * (desirable ? desirableWeight : undesirableWeight) * beta * value * (1 - value)
    }

    private static func logistic(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
}
