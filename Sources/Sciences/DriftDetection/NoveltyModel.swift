import Glibc
import Statistics

/// A frozen model of what the reference's queries are made of: counts of hashed features, smoothed.
///
/// Features are words with their neighbours, and for scripts without spaces characters with theirs, so that English and
/// Japanese are both seen. The novelty of a query is its mean surprise in nats a feature.
package struct NoveltyModel: Codable, Equatable, Sendable {
    private var counts = [Int](repeating: 0, count: Self.buckets)
    private var total = 0

    private static let buckets = 4096

    package init() {}

    /// Counts the features of a query of the reference.
    package mutating func learn(_ text: String) {
        for feature in Self.features(of: text) {
            counts[feature] += 1
            total += 1
        }
    }

    /// Mean of −ln p over the query's features; p by add-one smoothing. Between 0 and some 14 nats.
    package func novelty(of text: String) -> Double {
        let features = Self.features(of: text)
        guard !features.isEmpty else { return 0 }
        let denominator = Double(total + Self.buckets)
        var surprise = 0.0
        for feature in features { surprise -= log(Double(counts[feature] + 1) / denominator) }
        return surprise / Double(features.count)
    }

    /// Buckets of a text's features.
    static func features(of text: String) -> [Int] {
        var result: [Int] = []
        var previous: UInt64 = 0
        for word in words(of: text) {
            let hash = StableHash.fnv1a(word)
            result.append(Int(hash % UInt64(buckets)))
            result.append(Int((hash ^ (previous &* 0x9e37_79b9_7f4a_7c15)) >> 7 % UInt64(buckets)))
            previous = hash
        }
        return result
    }

    /// Words in lower case; a character of a script without spaces is a word.
    static func words(of text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for scalar in text.lowercased().unicodeScalars {
            let standsAlone = (0x2e80...0x9fff).contains(scalar.value) || (0xac00...0xd7af).contains(scalar.value)
            if scalar.properties.isAlphabetic && !standsAlone || scalar.properties.numericType != nil {
                word.unicodeScalars.append(scalar)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if standsAlone { words.append(String(scalar)) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
