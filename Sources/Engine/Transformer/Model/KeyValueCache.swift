import Tensors

/// Keys and values of one sequence's tokens so far, for every layer. Belongs to one sequence and is written by the
/// decoding steps it takes part in, one at a time.
package final class KeyValueCache: @unchecked Sendable {
    /// Most tokens it can hold.
    package let capacity: Int
    /// Tokens it holds.
    package internal(set) var count = 0
    let width: Int
    private let keyRows: [Matrix]
    private let valueRows: [Matrix]

    init(layers: Int, width: Int, capacity: Int) {
        self.capacity = capacity
        self.width = width
        let buffer = FloatBuffer(count: layers * 2 * capacity * width)
        func rows(_ index: Int) -> Matrix {
            Matrix(
                buffer: buffer, offset: index * capacity * width, rows: capacity, columns: width, stride: width)
        }
        keyRows = (0..<layers).map { rows(2 * $0) }
        valueRows = (0..<layers).map { rows(2 * $0 + 1) }
    }

    func keys(_ layer: Int) -> Matrix { keyRows[layer] }
    func values(_ layer: Int) -> Matrix { valueRows[layer] }

    /// A cache of its own that begins with this one's tokens, so that a common prompt is computed once. Valid only for
    /// the same model and adapter.
    package func fork(capacity: Int) -> KeyValueCache {
        precondition(capacity >= count)
        let copy = KeyValueCache(layers: keyRows.count, width: width, capacity: capacity)
        copy.count = count
        for layer in keyRows.indices {
            copy.keyRows[layer].rows(0..<count).assign(keyRows[layer].rows(0..<count))
            copy.valueRows[layer].rows(0..<count).assign(valueRows[layer].rows(0..<count))
        }
        return copy
    }

    /// Forgets the tokens after the first `count`.
    package func truncate(to count: Int) {
        precondition(count >= 0 && count <= self.count)
        self.count = count
    }
}
