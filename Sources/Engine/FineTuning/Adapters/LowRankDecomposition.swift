import Tensors
package import Transformer

/// Singular value decomposition of a low-rank product without forming it.
///
/// With B = Q₁R₁ and Aᵀ = Q₂R₂ the product scale · B A is Q₁ (scale · R₁R₂ᵀ) Q₂ᵀ, and the decomposition of the small core,
/// by one-sided Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.6.3), is the decomposition of the whole.
/// In double precision throughout.
package struct LowRankDecomposition: Sendable {
    /// Descending.
    package let singularValues: [Double]
    /// Columns of left and right singular vectors, in the same order.
    private let left: [[Double]]
    private let right: [[Double]]

    package init(_ factors: LowRankFactors) {
        let rank = factors.rank
        let b = (0..<rank).map { column in (0..<factors.b.rows).map { Double(factors.b[$0, column]) } }
        let a = (0..<rank).map { row in (0..<factors.a.columns).map { Double(factors.a[row, $0]) } }
        let (q1, r1) = Self.orthonormalised(b)
        let (q2, r2) = Self.orthonormalised(a)
        // core[j] is column j of R₁R₂ᵀ.
        var core = (0..<rank).map { j in
            (0..<rank).map { i in
                Double(factors.scale) * (0..<rank).reduce(0) { $0 + r1[$1][i] * r2[$1][j] }
            }
        }
        var turned = (0..<rank).map { j in (0..<rank).map { $0 == j ? 1.0 : 0.0 } }
        Self.rotate(&core, &turned)
        let norms = core.map { Self.dot($0, $0).squareRoot() }
        let order = norms.indices.sorted { (norms[$0], -$0) > (norms[$1], -$1) }
        singularValues = order.map { norms[$0] }
        left = order.map { index in
            norms[index] > 0
                ? Self.combine(q1, core[index].map { $0 / norms[index] })
                : [Double](repeating: 0, count: factors.b.rows)
        }
        right = order.map { Self.combine(q2, turned[$0]) }
    }

    /// The best factors of a rank; the singular values are shared evenly between both.
    package func factors(rank: Int) -> LowRankFactors {
        let kept = min(rank, singularValues.count)
        let a = Matrix(rows: kept, columns: right.first?.count ?? 0)
        let b = Matrix(rows: left.first?.count ?? 0, columns: kept)
        for index in 0..<kept {
            let root = singularValues[index].squareRoot()
            for (column, value) in right[index].enumerated() { a[index, column] = Float(value * root) }
            for (row, value) in left[index].enumerated() { b[row, index] = Float(value * root) }
        }
        return LowRankFactors(a: a, b: b)
    }

    private static func dot(_ x: [Double], _ y: [Double]) -> Double {
        var sum = 0.0
        for index in x.indices { sum += x[index] * y[index] }
        return sum
    }

    private static func combine(_ columns: [[Double]], _ weights: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: columns.first?.count ?? 0)
        for (column, weight) in zip(columns, weights) where weight != 0 {
            for index in sum.indices { sum[index] += weight * column[index] }
        }
        return sum
    }

    /// Gram–Schmidt, each column twice (Giraud et al. 2005: twice is enough). `r[j]` is column j of the triangle; a
    /// column that depends on those before it gives a zero vector and a zero on the diagonal.
    private static func orthonormalised(_ columns: [[Double]]) -> (q: [[Double]], r: [[Double]]) {
        var q: [[Double]] = []
        var r: [[Double]] = []
        for column in columns {
            var v = column
            var coefficients = [Double](repeating: 0, count: columns.count)
            for _ in 0..<2 {
                for (index, basis) in q.enumerated() {
                    let along = dot(basis, v)
                    coefficients[index] += along
                    for place in v.indices { v[place] -= along * basis[place] }
                }
            }
            let norm = dot(v, v).squareRoot()
            let independent = norm > 1e-12 * dot(column, column).squareRoot()
            coefficients[q.count] = independent ? norm : 0
            q.append(independent ? v.map { $0 / norm } : [Double](repeating: 0, count: v.count))
            r.append(coefficients)
        }
        return (q, r)
    }

    /// Makes the columns orthogonal by plane rotations, and turns `along` with them.
    private static func rotate(_ columns: inout [[Double]], _ along: inout [[Double]]) {
        for _ in 0..<60 {
            var changed = false
            for i in columns.indices {
                for j in columns.indices where j > i {
                    let (p, q, both) = (
                        dot(columns[i], columns[i]), dot(columns[j], columns[j]), dot(columns[i], columns[j])
                    )
                    guard abs(both) > 1e-15 * (p * q).squareRoot(), both != 0 else { continue }
                    changed = true
                    let zeta = (q - p) / (2 * both)
                    let t = (zeta < 0 ? -1.0 : 1.0) / (abs(zeta) + (1 + zeta * zeta).squareRoot())
                    let c = 1 / (1 + t * t).squareRoot()
                    let s = c * t
                    turn(&columns, i, j, c, s)
                    turn(&along, i, j, c, s)
                }
            }
            if !changed { return }
        }
    }

    private static func turn(_ columns: inout [[Double]], _ i: Int, _ j: Int, _ c: Double, _ s: Double) {
        for row in columns[i].indices {
            let (x, y) = (columns[i][row], columns[j][row])
            columns[i][row] = c * x - s * y
            columns[j][row] = s * x + c * y
        }
    }
}
