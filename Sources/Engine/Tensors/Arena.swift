/// Scratch memory of one pass: matrices are taken from the front of a few large blocks and all given back at once, so
/// that a pass like the last one allocates nothing. Not for use from several threads.
///
/// A matrix taken from an arena is valid until the arena is rewound below it; its numbers are not initialised.
package final class Arena: @unchecked Sendable {
    /// A place to rewind to.
    package struct Mark: Sendable {
        fileprivate let block: Int
        fileprivate let used: Int
    }

    private var blocks: [FloatBuffer] = []
    private var block = 0
    private var used = 0
    private let blockSize: Int

    /// - Parameter blockSize: floats of a block; a larger matrix gets a block of its own.
    package init(blockSize: Int = 1 << 20) {
        self.blockSize = blockSize
    }

    /// Bytes that the arena holds.
    package var bytes: Int { blocks.reduce(0) { $0 + $1.count * 4 } }

    /// Takes a matrix from the current block, or from the first later one with room, or from a new one. It begins at a
    /// multiple of 16 floats in its block.
    package func matrix(_ rows: Int, _ columns: Int) -> Matrix {
        let needed = (rows * columns + 15) / 16 * 16
        while block < blocks.count, used + needed > blocks[block].count {
            block += 1
            used = 0
        }
        if block == blocks.count {
            blocks.append(FloatBuffer(count: max(blockSize, needed)))
            used = 0
        }
        defer { used += needed }
        return Matrix(buffer: blocks[block], offset: used, rows: rows, columns: columns, stride: columns)
    }

    package func zeros(_ rows: Int, _ columns: Int) -> Matrix {
        let result = matrix(rows, columns)
        result.fill(0)
        return result
    }

    package var mark: Mark { Mark(block: block, used: used) }

    /// Gives back everything that was taken since the mark; the blocks stay.
    package func rewind(to mark: Mark) {
        block = mark.block
        used = mark.used
    }

    package func reset() {
        block = 0
        used = 0
    }
}
