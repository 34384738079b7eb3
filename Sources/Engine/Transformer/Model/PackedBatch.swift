/// Sequences of different lengths side by side without padding, ready for a pass.
///
/// Tokens that all sequences have in common at their beginning, and that none of them scores, are computed once and
/// seen by all (their keys and values are shared, their gradients summed): with a common system prompt this saves most of the work.
package struct PackedBatch: Sendable {
    /// All rows: the shared beginning, then each sequence's own tokens.
    package let tokens: [Int32]
    package let positions: [Int32]
    /// Rows of the shared beginning.
    package let sharedCount: Int
    /// Rows of each sequence's own tokens.
    package let ranges: [Range<Int>]
    /// For each scored token the row that predicts it, in order of sequence and position.
    package let scoredRows: [Int]
    package let targets: [Int32]
    package let weights: [Float]
    /// Where each sequence's scored tokens stand in `scoredRows`, `targets`, `weights` and in a pass's log-probabilities.
    package let scored: [Range<Int>]

    /// - Parameter sharesBeginning: whether a common beginning is computed once; off, every sequence stands alone.
    package init(_ sequences: [ScoredSequence], sharesBeginning: Bool = true) {
        let shared = sharesBeginning && sequences.count > 1 ? Self.commonBeginning(sequences) : 0
        var tokens = Array(sequences.first?.tokens.prefix(shared) ?? [])
        var positions = (0..<Int32(shared)).map { $0 }
        var ranges: [Range<Int>] = []
        var scored: [Range<Int>] = []
        var scoredRows: [Int] = []
        var targets: [Int32] = []
        var weights: [Float] = []
        for sequence in sequences {
            let start = tokens.count
            let firstScored = scoredRows.count
            tokens.append(contentsOf: sequence.tokens[shared...])
            positions.append(contentsOf: Int32(shared)..<Int32(sequence.tokens.count))
            for index in max(shared, 1)..<max(shared, 1, sequence.tokens.count) where sequence.weights[index] != 0 {
                scoredRows.append(index == shared ? shared - 1 : start + index - shared - 1)
                targets.append(sequence.tokens[index])
                weights.append(sequence.weights[index])
            }
            ranges.append(start..<tokens.count)
            scored.append(firstScored..<scoredRows.count)
        }
        self.tokens = tokens
        self.positions = positions
        sharedCount = shared
        self.ranges = ranges
        self.scoredRows = scoredRows
        self.targets = targets
        self.weights = weights
        self.scored = scored
    }

    /// Rows of the pass, shared rows counted once.
    package var rowCount: Int { tokens.count }

    /// Leading tokens that all sequences share and none scores; each keeps at least one token of its own.
    private static func commonBeginning(_ sequences: [ScoredSequence]) -> Int {
        guard let first = sequences.first else { return 0 }
        var length = first.tokens.count - 1
        for sequence in sequences {
            length = min(length, sequence.tokens.count - 1)
            var index = 0
            while index < length, sequence.tokens[index] == first.tokens[index], sequence.weights[index] == 0 {
                index += 1
            }
            length = index
        }
        return length
    }
}
