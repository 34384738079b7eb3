/// How the rows of a training are dealt into batches: a function of the rows' lengths and the seed alone.
package enum BatchPlan {
    /// Batches of one epoch, as indices of rows.
    ///
    /// Rows are shuffled; windows of about 16 batches are sorted by length and cut into batches of at most
    /// `batchTokens` tokens (a longer row is a batch of its own); then the batches are shuffled. So a batch holds rows
    /// of about one length, which wastes little in attention, and two epochs pair rows differently.
    package static func epoch(lengths: [Int], batchTokens: Int, seed: UInt64, epoch: Int) -> [[Int]] {
        guard !lengths.isEmpty else { return [] }
        var generator = TrainingRandom(seed: seed, stream: 1000 + UInt64(epoch))
        var order = Array(lengths.indices)
        generator.shuffle(&order)
        let mean = max(1, lengths.reduce(0, +) / lengths.count)
        let window = max(1, 16 * batchTokens / mean)
        var batches: [[Int]] = []
        var start = 0
        while start < order.count {
            let end = min(order.count, start + window)
            // Stable, so that rows of one length stay shuffled.
            let sorted = order[start..<end].enumerated().sorted { left, right in
                let (leftLength, rightLength) = (lengths[left.element], lengths[right.element])
                return leftLength != rightLength ? leftLength < rightLength : left.offset < right.offset
            }.map(\.element)
            batches.append(contentsOf: cut(sorted, lengths: lengths, most: batchTokens))
            start = end
        }
        generator.shuffle(&batches)
        return batches
    }

    /// Consecutive runs of rows of at most `most` tokens each; a longer row is a run of its own.
    package static func cut(_ rows: [Int], lengths: [Int], most: Int) -> [[Int]] {
        var runs: [[Int]] = []
        var run: [Int] = []
        var tokens = 0
        for row in rows {
            if !run.isEmpty, tokens + lengths[row] > most {
                runs.append(run)
                run = []
                tokens = 0
            }
            run.append(row)
            tokens += lengths[row]
        }
        if !run.isEmpty { runs.append(run) }
        return runs
    }

    /// All rows in runs of at most `most` tokens, the shortest first: for passes whose order does not matter.
    package static func inOrder(lengths: [Int], most: Int) -> [[Int]] {
        let sorted = lengths.indices.sorted { left, right in
            lengths[left] != lengths[right] ? lengths[left] < lengths[right] : left < right
        }
        return cut(sorted, lengths: lengths, most: most)
    }
}
