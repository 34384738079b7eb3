import Statistics

/// How the rows of a training are dealt into batches: a function of the rows' lengths and the seed alone.
package enum BatchPlan {
    /// Batches of one epoch, as indices of rows: the rows are shuffled and cut into batches of at most `batchTokens`
    /// tokens (a longer row is a batch of its own).
    ///
    /// Rows are not sorted by length: a pass packs sequences of any lengths without padding, and batches of one length
    /// would also be batches of one kind of traffic, new or replayed, which makes a training forget.
    package static func epoch(lengths: [Int], batchTokens: Int, seed: UInt64, epoch: Int) -> [[Int]] {
        var generator = SeededGenerator.stream(seed: seed, index: 1000 + UInt64(epoch))
        var order = Array(lengths.indices)
        generator.shuffle(&order)
        return cut(order, lengths: lengths, most: batchTokens)
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
