// Statistics: what the sciences share.
//
// 1. Randomness comes from a `SeededGenerator` that the caller owns: the same seed gives the same numbers on every
//    platform and in every version, since nothing of the standard library's own algorithms is used.
// 2. Special functions (`SpecialFunctions`, `NormalDistribution`, `StudentDistribution`, `ChiSquareDistribution`) state
//    their relative errors; the tests hold them against values of SciPy.
// 3. Moments are kept by Welford's updates (`Moments`, `CoMoments`): one pass, no cancellation, and two parts merge into
//    the moments of the whole.
// 4. Bounds: `BinomialBounds` (exact), `ClusterBootstrap` (over units, the only thing that is independent in a log).
// 5. Order: `Quantiles` (exact), `QuantileSketch` (mergeable, relative error), `RankCorrelation`.
