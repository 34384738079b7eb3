import Glibc
package import Tensors

/// AdamW (Loshchilov & Hutter, arXiv 1711.05101) as torch computes it: decoupled weight decay, bias correction, epsilon
/// outside the root.
package final class AdamW {
    /// AdamW's constants: decay rates of both running means, in [0, 1), the term that keeps the quotient finite, and
    /// the decay, which is multiplied by the learning rate. The defaults are torch's.
    package struct Settings: Sendable, Equatable {
        package var beta1: Float
        package var beta2: Float
        package var epsilon: Float
        package var weightDecay: Float

        package init(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0.01) {
            self.beta1 = beta1
            self.beta2 = beta2
            self.epsilon = epsilon
            self.weightDecay = weightDecay
        }
    }

    package let settings: Settings
    private let parameters: [Matrix]
    /// Running means of the gradients and of their squares, in the order of the parameters; part of a checkpoint.
    package let firstMoments: [Matrix]
    package let secondMoments: [Matrix]
    /// Steps taken; part of a checkpoint.
    package var steps = 0

    /// - Parameter parameters: contiguous matrices that `step` changes in place.
    package init(parameters: [Matrix], settings: Settings = Settings()) {
        self.parameters = parameters
        self.settings = settings
        firstMoments = parameters.map { Matrix(rows: $0.rows, columns: $0.columns) }
        secondMoments = parameters.map { Matrix(rows: $0.rows, columns: $0.columns) }
    }

    /// One step. `gradientScale` multiplies every gradient first (clipping).
    package func step(gradients: [Matrix], learningRate: Float, gradientScale: Float = 1) {
        precondition(gradients.count == parameters.count)
        steps += 1
        let correction1 = 1 - Float(pow(Double(settings.beta1), Double(steps)))
        let correction2 = 1 - Float(pow(Double(settings.beta2), Double(steps)))
        for (index, parameter) in parameters.enumerated() {
            parameter.adamWStep(
                gradient: gradients[index], first: firstMoments[index], second: secondMoments[index],
                gradientScale: gradientScale, rate: learningRate, beta1: settings.beta1, beta2: settings.beta2,
                epsilon: settings.epsilon, decay: settings.weightDecay, correction1: correction1,
                correction2: correction2)
        }
    }
}
