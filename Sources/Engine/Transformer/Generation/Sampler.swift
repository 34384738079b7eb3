package import Tensors

/// Chooses the tokens of one sequence; the same settings and logits give the same tokens.
package struct Sampler: Sendable {
    package let settings: SamplingSettings
    private var stream: RandomStream

    package init(_ settings: SamplingSettings) {
        self.settings = settings
        stream = RandomStream(seed: settings.seed)
    }

    /// The next token from a row of logits; nil when the logits are not finite.
    package mutating func choose(_ logits: Matrix, row: Int) -> TokenChoice? {
        guard let best = logits.largest(ofRow: row) else { return nil }
        var token = best
        if settings.temperature > 0 {
            token = draw(logits.rows(row..<row + 1).values, best: best)
        }
        return TokenChoice(
            token: Int32(token), logProbability: logits.logProbability(of: token, row: row))
    }

    /// Nucleus sampling (Holtzman et al., arXiv 1904.09751).
    private mutating func draw(_ logits: [Float], best: Int) -> Int {
        let top = logits[best]
        let scaled = Matrix(rows: 1, columns: logits.count, values: logits.map { ($0 - top) / settings.temperature })
        scaled.exponentials(into: scaled)
        let weights = scaled.values
        var order = Array(weights.indices)
        var total = weights.reduce(0) { $0 + Double($1) }
        if settings.topProbability < 1 {
            // Equal weights keep the order of their ids, so that the choice does not depend on the sort.
            order.sort { weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1 }
            let wanted = Double(max(0, settings.topProbability)) * total
            var kept = 0
            var sum = 0.0
            while kept < order.count, kept == 0 || sum < wanted {
                sum += Double(weights[order[kept]])
                kept += 1
            }
            order.removeSubrange(kept...)
            total = sum
        }
        var left = Double(stream.nextUnit()) * total
        for index in order {
            left -= Double(weights[index])
            if left < 0 { return index }
        }
        return order.last ?? best
    }
}
