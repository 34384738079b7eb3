import COpenBLAS

/// Matrix products over OpenBLAS, each split between the threads of a pool.
///
/// Each element of the result is computed by one thread in OpenBLAS's own order, so the same call on the same number of
/// threads gives the same bytes.
extension ThreadPool {
    /// `c = alpha · op(a) · op(b) + beta · c`, with `op` the transpose where asked.
    package func multiply(
        _ a: Matrix, _ b: Matrix, transposeFirst transposeA: Bool = false, transposeSecond transposeB: Bool = false,
        into c: Matrix, alpha: Float = 1, beta: Float = 0
    ) {
        let inner = transposeA ? a.rows : a.columns
        precondition((transposeA ? a.columns : a.rows) == c.rows)
        precondition((transposeB ? b.rows : b.columns) == c.columns)
        precondition((transposeB ? b.columns : b.rows) == inner)
        guard c.rows > 0, c.columns > 0 else { return }
        let work = c.rows * c.columns * inner
        let pieces = threads == 1 || work < 1 << 17 ? 1 : threads
        guard pieces > 1 else {
            Self.product(a, transposeA, b, transposeB, c, inner, alpha, beta)
            return
        }
        // Columns of the weights are split when there are fewer rows than columns: then no thread packs them all.
        let byColumns = c.columns > c.rows
        let unit = byColumns ? 16 : 4
        let blocks = ((byColumns ? c.columns : c.rows) + unit - 1) / unit
        parallelFor(min(pieces, blocks)) { piece in
            let count = min(pieces, blocks)
            let limit = byColumns ? c.columns : c.rows
            let range = min(limit, piece * blocks / count * unit)..<min(limit, (piece + 1) * blocks / count * unit)
            if byColumns {
                Self.product(
                    a, transposeA, transposeB ? b.rows(range) : b.columns(range), transposeB, c.columns(range), inner,
                    alpha, beta)
            } else {
                Self.product(
                    transposeA ? a.columns(range) : a.rows(range), transposeA, b, transposeB, c.rows(range), inner,
                    alpha, beta)
            }
        }
    }

    private static func product(
        _ a: Matrix, _ transposeA: Bool, _ b: Matrix, _ transposeB: Bool, _ c: Matrix, _ inner: Int, _ alpha: Float,
        _ beta: Float
    ) {
        if c.rows == 1, !transposeA, a.columns == inner {
            // One row is a matrix–vector product: OpenBLAS then reads the weights once and packs nothing. Some of its
            // versions multiply what is there by a beta of zero, and scratch memory may hold anything.
            if beta == 0 { c.fill(0) }
            unsafe cblas_sgemv(
                CblasRowMajor, transposeB ? CblasNoTrans : CblasTrans, Int32(b.rows), Int32(b.columns), alpha,
                b.pointer, Int32(b.stride), a.pointer, 1, beta, c.pointer, 1)
            return
        }
        unsafe cblas_sgemm(
            CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
            Int32(c.rows), Int32(c.columns), Int32(inner), alpha, a.pointer, Int32(a.stride), b.pointer,
            Int32(b.stride), beta, c.pointer, Int32(c.stride))
    }
}
