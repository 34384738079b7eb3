import Glibc

/// Words that are more frequent in recent queries than in older ones.
package struct TermChange: Equatable, Sendable {
    package var term: String
    package var recent: Int
    package var reference: Int

    /// The terms whose share grew most: by the logarithm of the ratio of add-one shares times √recent, at least three
    /// recent occurrences; ties by name.
    package static func strongest(recent: [String], reference: [String], limit: Int = 8) -> [TermChange] {
        let now = counts(of: recent)
        let before = counts(of: reference)
        let nowTotal = Double(max(1, recent.count))
        let beforeTotal = Double(max(1, reference.count))
        func strength(_ term: String, _ count: Int) -> Double {
            let share: Double = (Double(count) + 0.5) / nowTotal
            let shareBefore: Double = (Double(before[term] ?? 0) + 0.5) / beforeTotal
            return log(share / shareBefore) * Double(count).squareRoot()
        }
        var strengths: [(term: String, count: Int, strength: Double)] = []
        for (term, count) in now where count >= 3 && term.count > 2 {
            let value = strength(term, count)
            if value > 0 { strengths.append((term, count, value)) }
        }
        strengths.sort { $0.strength != $1.strength ? $0.strength > $1.strength : $0.term < $1.term }
        return strengths.prefix(limit).map {
            TermChange(term: $0.term, recent: $0.count, reference: before[$0.term] ?? 0)
        }
    }

    /// In how many queries each word stands.
    private static func counts(of texts: [String]) -> [String: Int] {
        var counts: [String: Int] = [:]
        for text in texts {
            for word in Set(NoveltyModel.words(of: text)) { counts[word, default: 0] += 1 }
        }
        return counts
    }
}
