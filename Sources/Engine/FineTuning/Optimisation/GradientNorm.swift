package import Tensors

/// The Euclidean norm of all gradients together, and clipping by it as torch's `clip_grad_norm_` does.
package struct GradientNorm: Sendable, Equatable {
    /// Not finite when a gradient is not.
    package let value: Double

    package init(_ gradients: [Matrix]) {
        value = gradients.reduce(0) { $0 + $1.sumOfSquares }.squareRoot()
    }

    /// What the gradients are to be multiplied by so that their norm is at most `maximum`.
    package func scale(toMaximum maximum: Double) -> Float {
        Float(min(1, maximum / (value + 1e-6)))
    }
}
