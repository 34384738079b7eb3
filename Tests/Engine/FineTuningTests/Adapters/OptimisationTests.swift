import FineTuning
import Tensors
import Testing

@Suite("Optimisation: norm, schedule, AdamW")
struct OptimisationTests {
    @Test func clippingAsTorchDoes() {
        let norm = GradientNorm([
            Matrix(rows: 1, columns: 2, values: [3, 0]), Matrix(rows: 1, columns: 1, values: [-4]),
        ])
        #expect(norm.value == 5)
        #expect(norm.scale(toMaximum: 10) == 1)
        #expect(norm.scale(toMaximum: 1) == Float(1 / (5 + 1e-6)))
    }

    @Test func warmUpAndDecay() {
        let schedule = LearningRateSchedule(peak: 1, warmUpSteps: 2, totalSteps: 6)
        #expect((0..<7).map { schedule.rate(atStep: $0) } == [0.5, 1, 1, 0.75, 0.5, 0.25, 0])
    }

    /// Two steps worked out by hand from the paper's algorithm, in double precision.
    @Test func twoStepsOfAdamW() {
        let parameter = Matrix(rows: 1, columns: 1, values: [1])
        let optimiser = AdamW(parameters: [parameter])
        var (w, m, v) = (1.0, 0.0, 0.0)
        for (step, gradient) in [0.5, -0.25].enumerated() {
            optimiser.step(gradients: [Matrix(rows: 1, columns: 1, values: [Float(gradient)])], learningRate: 0.1)
            m = 0.9 * m + 0.1 * gradient
            v = 0.999 * v + 0.001 * gradient * gradient
            let corrections = step == 0 ? (0.1, 0.001) : (0.19, 0.001999)
            w -= 0.1 * 0.01 * w
            w -= 0.1 * (m / corrections.0) / ((v / corrections.1).squareRoot() + 1e-8)
            #expect(abs(Double(parameter[0, 0]) - w) < 1e-5)
        }
    }
}
