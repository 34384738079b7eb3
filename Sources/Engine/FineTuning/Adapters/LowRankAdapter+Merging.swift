import Tensors
package import Transformer

extension LowRankAdapter {
    /// One adapter that changes the model as both together do, exactly: the factors side by side, ranks added, scales
    /// folded into B.
    package func appending(_ other: LowRankAdapter) -> LowRankAdapter {
        var result: [ModulePath: LowRankFactors] = [:]
        for path in Set(modules.keys).union(other.modules.keys) {
            let parts = [modules[path], other.modules[path]].compactMap { $0 }
            guard let first = parts.first else { continue }
            let rank = parts.reduce(0) { $0 + $1.rank }
            let a = Matrix(rows: rank, columns: first.a.columns)
            let b = Matrix(rows: first.b.rows, columns: rank)
            var start = 0
            for part in parts {
                a.rows(start..<start + part.rank).assign(part.a)
                let columns = b.columns(start..<start + part.rank)
                columns.assign(part.b)
                if part.scale != 1 { columns.multiply(by: part.scale) }
                start += part.rank
            }
            result[path] = LowRankFactors(a: a, b: b)
        }
        return LowRankAdapter(modules: result)
    }

    /// The nearest adapter (in Frobenius norm) whose modules have at most this rank, by singular value decomposition,
    /// and for each module that was cut the share of its norm that was lost, in 0...1.
    package func truncated(toRank maximum: Int) -> (adapter: LowRankAdapter, residuals: [ModulePath: Double]) {
        var result: [ModulePath: LowRankFactors] = [:]
        var residuals: [ModulePath: Double] = [:]
        for (path, factors) in modules {
            if factors.rank <= maximum {
                result[path] = factors
                continue
            }
            let svd = LowRankDecomposition(factors)
            result[path] = svd.factors(rank: maximum)
            let all = svd.singularValues.reduce(0) { $0 + $1 * $1 }
            let lost = svd.singularValues.dropFirst(maximum).reduce(0) { $0 + $1 * $1 }
            residuals[path] = all > 0 ? (lost / all).squareRoot() : 0
        }
        return (LowRankAdapter(modules: result), residuals)
    }
}
