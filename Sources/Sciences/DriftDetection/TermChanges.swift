import Glibc

/// Words that are more frequent in recent queries than in older ones.
package struct TermChange: Equatable, Sendable {
    package var term: String
    package var recent: Int
    package var reference: Int

    /// Different people whose recent queries have a term before it is named: what fewer said might tell who they are.
    package static let leastUnits = 3

    /// The terms whose share grew most, of those that `leastUnits` people used: by the logarithm of the ratio of add-one
    /// shares times √recent; ties by name.
    ///
    /// - Parameter recent: queries with their units; one without stands for somebody of its own.
    package static func strongest(
        recent: [(text: String, unit: String?)], reference: [String], limit: Int = 8
    ) -> [TermChange] {
        let now = counts(of: recent.map(\.text))
        let people = people(in: recent)
        let before = counts(of: reference)
        let nowTotal = Double(max(1, recent.count))
        let beforeTotal = Double(max(1, reference.count))
        func strength(_ term: String, _ count: Int) -> Double {
            let share: Double = (Double(count) + 0.5) / nowTotal
            let shareBefore: Double = (Double(before[term] ?? 0) + 0.5) / beforeTotal
            return log(share / shareBefore) * Double(count).squareRoot()
        }
        var strengths: [(term: String, count: Int, strength: Double)] = []
        for (term, count) in now where people[term, default: 0] >= leastUnits && term.count > 2 {
            let value = strength(term, count)
            if value > 0 { strengths.append((term, count, value)) }
        }
        strengths.sort { $0.strength != $1.strength ? $0.strength > $1.strength : $0.term < $1.term }
        return strengths.prefix(limit).map {
            TermChange(term: $0.term, recent: $0.count, reference: before[$0.term] ?? 0)
        }
    }

    /// How many people used each word. Queries without a unit may all be one person's.
    private static func people(in queries: [(text: String, unit: String?)]) -> [String: Int] {
        var units: [String: Set<String?>] = [:]
        for query in queries {
            for word in Set(NoveltyModel.words(of: query.text)) { units[word, default: []].insert(query.unit) }
        }
        return units.mapValues(\.count)
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
