/// A scale of ratings: its kind and what counts as good and bad.
package struct ScaleSettings: Equatable, Sendable {
    /// Which values a scale takes: `thumb` 0 or 1, `stars` whole numbers from 1 to 5, `number` those from `minimum` to
    /// `maximum`, `label` one of `words`.
    package enum Kind: String, Decodable, Sendable, CaseIterable { case thumb, stars, number, label }

    package var name = "thumb"
    package var kind = Kind.thumb
    /// Range of a `number` scale.
    package var minimum = 0.0
    package var maximum = 1.0
    /// Words of a `label` scale, worst first.
    package var words: [String] = []
    /// A value at or above it is good; for labels the word's position, from 0.
    package var good = 1.0
    /// A value at or below it is bad.
    package var bad = 0.0

    package init() {}

    /// From the worst value to the best.
    var range: ClosedRange<Double> {
        switch kind {
        case .thumb: 0...1
        case .stars: 1...5
        case .number: minimum...max(minimum, maximum)
        case .label: 0...Double(max(0, words.count - 1))
        }
    }
}

extension ScaleSettings: Decodable {
    /// The keys of an entry of `deployments[].scales`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, kind, minimum, maximum, words, good, bad
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&name, .name)
        try values.read(&kind, .kind)
        if kind == .stars { (good, bad) = (4, 2) }
        try values.read(&minimum, .minimum)
        try values.read(&maximum, .maximum)
        try values.read(&words, .words)
        try values.read(&good, .good)
        try values.read(&bad, .bad)
    }
}
