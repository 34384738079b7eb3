/// Spearman's rank correlation.
package enum RankCorrelation {
    /// Ranks from 1, ties sharing their mean rank.
    package static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count, values[order[end + 1]] == values[order[start]] { end += 1 }
            for place in start...end { ranks[order[place]] = Double(start + end) / 2 + 1 }
            start = end + 1
        }
        return ranks
    }

    /// Pearson's correlation of the ranks; nil with fewer than two values or where all are tied.
    package static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
        precondition(x.count == y.count, "a correlation needs pairs")
        var moments = CoMoments()
        for (left, right) in zip(ranks(x), ranks(y)) { moments.add(left, right) }
        return moments.correlation
    }
}
