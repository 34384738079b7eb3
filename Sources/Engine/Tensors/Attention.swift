import CKernels

/// Causal attention of some heads over the rows of one sequence; see `ck_attention_segment`.
///
/// Keys and values come in two runs: `sharedKey` (rows that several sequences have in common, all visible) and the
/// sequence's own, of which row i sees the first `before + i + 1`.
package struct AttentionSegment: Sendable {
    /// `[rows, heads · headSize]`
    package var query: Matrix
    package var headSize: Int
    package var sharedKey: Matrix?
    package var sharedValue: Matrix?
    package var ownKey: Matrix
    package var ownValue: Matrix
    package var before: Int
    /// Most keys that a row sees, its own included; 0 for all.
    package var window: Int
    package var scale: Float
    /// Where the probabilities stay: a row for each head and query row, or one row that is used again and again.
    package var probabilities: Matrix

    package init(
        query: Matrix, headSize: Int, sharedKey: Matrix? = nil, sharedValue: Matrix? = nil, ownKey: Matrix,
        ownValue: Matrix,
        before: Int, window: Int, scale: Float, probabilities: Matrix
    ) {
        let keys = (sharedKey?.rows ?? 0) + before + query.rows
        precondition(ownKey.rows >= before + query.rows && ownValue.rows == ownKey.rows)
        precondition(ownKey.stride == ownValue.stride && ownKey.columns == ownValue.columns)
        precondition(query.columns % headSize == 0 && ownKey.columns % headSize == 0)
        precondition((query.columns / headSize) % (ownKey.columns / headSize) == 0)
        precondition(sharedKey?.rows == sharedValue?.rows && sharedKey?.stride == sharedValue?.stride)
        precondition(probabilities.columns >= keys)
        precondition(probabilities.rows == query.rows * (query.columns / headSize) || probabilities.rows == 1)
        self.query = query
        self.headSize = headSize
        self.sharedKey = sharedKey
        self.sharedValue = sharedValue
        self.ownKey = ownKey
        self.ownValue = ownValue
        self.before = before
        self.window = window
        self.scale = scale
        self.probabilities = probabilities
    }

    private var raw: ck_attention_segment {
        unsafe ck_attention_segment(
            query: query.pointer, query_stride: query.stride, shared_key: sharedKey?.pointer,
            shared_value: sharedValue?.pointer, shared: sharedKey?.rows ?? 0, shared_stride: sharedKey?.stride ?? 0,
            own_key: ownKey.pointer, own_value: ownValue.pointer, own_stride: ownKey.stride,
            heads: query.columns / headSize, group: query.columns / ownKey.columns, rows: query.rows,
            before: before, head_size: headSize, window: window, scale: scale,
            probabilities: probabilities.pointer,
            probability_stride: probabilities.rows == 1 ? 0 : probabilities.stride)
    }

    /// Writes softmax(scale · query · keysᵀ) · values of every head to `out`, each row over the keys that it sees, and
    /// the probabilities to `probabilities`.
    package func forward(into out: Matrix) {
        precondition(out.rows == query.rows && out.columns == query.columns)
        var head = unsafe raw
        unsafe ck_attention(&head, out.pointer, out.stride)
    }

    /// Writes the gradient of the queries and adds those of keys and values.
    package func backward(
        gradient: Matrix, query dquery: Matrix, sharedKey dsharedKey: Matrix?, sharedValue dsharedValue: Matrix?,
        ownKey downKey: Matrix, ownValue downValue: Matrix, scratch: Matrix
    ) {
        precondition(probabilities.rows == query.rows * (query.columns / headSize) && before == 0)
        precondition(dquery.rows == query.rows && downKey.rows >= query.rows && downKey.stride == downValue.stride)
        precondition(dsharedKey?.rows == sharedKey?.rows && dsharedKey?.stride == dsharedValue?.stride)
        precondition(scratch.count >= (sharedKey?.rows ?? 0) + query.rows)
        var head = unsafe raw
        unsafe ck_attention_backward(
            &head, gradient.pointer, gradient.stride, dquery.pointer, dquery.stride, dsharedKey?.pointer,
            dsharedValue?.pointer, dsharedKey?.stride ?? 0, downKey.pointer, downValue.pointer, downKey.stride,
            scratch.pointer)
    }
}
