package import Tensors

/// A change of one linear map by a product of two thin matrices: ΔW = scale · B · A (Hu et al., arXiv 2106.09685).
package struct LowRankFactors: Sendable {
    /// `[rank, in]`
    package let a: Matrix
    /// `[out, rank]`
    package let b: Matrix
    package let scale: Float

    package init(a: Matrix, b: Matrix, scale: Float = 1) {
        precondition(a.rows == b.columns)
        self.a = a
        self.b = b
        self.scale = scale
    }

    package var rank: Int { a.rows }
}
