package import Transformer

extension LowRankAdapter {
    /// One adapter that changes the model as both together do, exactly: the factors side by side, ranks added.
    package func appending(_ other: LowRankAdapter) -> LowRankAdapter {
        fatalError("not yet")
    }

    /// The nearest adapter (in Frobenius norm) whose modules have at most this rank, by singular value decomposition,
    /// and for each module that lost something the share of its norm that was lost, in 0...1.
    package func truncated(toRank maximum: Int) -> (adapter: LowRankAdapter, residuals: [ModulePath: Double]) {
        fatalError("not yet")
    }
}
