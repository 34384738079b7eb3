import Foundation
import Statistics

/// What the users of the simulation ask, what is right, and how traffic moves.
struct SimulatedWorld: Sendable {
    enum Scenario: String, CaseIterable, Sendable {
        /// Nothing changes.
        case steady
        /// Traffic moves to new topics on day 14.
        case shift
        /// The same, and most units teach wrong answers until the experiment begins.
        case harm
        /// As `harm`, with the gate off.
        case harmWithoutGate
        /// Traffic moves a second time; the impact map stays as it was.
        case againKeep
        /// Traffic moves a second time, and other modules matter for it.
        case againReselect
    }

    enum Group: String, CaseIterable, Codable, Sendable { case old, new, newer }

    let scenario: Scenario
    let seed: UInt64

    static let firstShift = 14
    static let secondShift = 32
    static let hostileShare = 0.7
    private static let labelsPerGroup = 10

    var days: Int {
        switch scenario {
        case .steady: 60
        case .shift, .harm, .harmWithoutGate: 40
        case .againKeep, .againReselect: 56
        }
    }

    var isHarm: Bool { scenario == .harm || scenario == .harmWithoutGate }
    var isAgain: Bool { scenario == .againKeep || scenario == .againReselect }

    /// Shares of the topics' groups on a day.
    func group(day: Int, _ generator: inout SeededGenerator) -> Group {
        guard scenario != .steady, day >= Self.firstShift else { return .old }
        if isAgain, day >= Self.secondShift {
            return generator.chance(0.6) ? .newer : generator.chance(0.5) ? .new : .old
        }
        return generator.chance(0.6) ? .new : .old
    }

    /// A query of a group and its right answer.
    func query(_ group: Group, _ generator: inout SeededGenerator) -> (text: String, answer: String) {
        let label = generator.index(below: Self.labelsPerGroup)
        var words = ["please", "i", "want", "to", "know", "about", "my"].filter { _ in generator.chance(0.5) }
        for _ in 0..<(2 + generator.index(below: 4)) {
            words.append("\(group.rawValue)\(label)word\(generator.index(below: 8))")
        }
        return (words.joined(separator: " "), Self.answer(group, label))
    }

    static func answer(_ group: Group, _ label: Int) -> String { "\(group.rawValue) intent \(label)" }

    /// The group and the right answer that a query asks for.
    static func truth(of text: String) -> (group: Group, label: Int)? {
        for word in text.split(separator: " ") {
            for group in [Group.newer, .new, .old] where word.hasPrefix(group.rawValue) {
                guard let label = word.dropFirst(group.rawValue.count).first?.wholeNumberValue else { continue }
                return (group, label)
            }
        }
        return nil
    }

    /// What a hostile unit calls right: the next intent's name.
    static func hostileAnswer(_ group: Group, _ label: Int) -> String { answer(group, (label + 1) % labelsPerGroup) }

    func isHostile(_ unit: String) -> Bool { isHarm && Self.uniform("hostile \(unit) \(seed)") < Self.hostileShare }

    /// Uniform in [0, 1) from a text.
    static func uniform(_ text: String) -> Double {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        var generator = SplitMix64(state: hash)
        return Double(generator.next() >> 11) * 0x1p-53
    }
}

/// What a model can do: its chance of the right answer and of the hostile one, by group. It is an adapter's bytes.
struct SimulatedSkill: Codable, Equatable, Sendable {
    var right: [String: Double]
    var hostile: [String: Double]

    static let base = SimulatedSkill(right: ["old": 0.85, "new": 0.3, "newer": 0.3], hostile: [:])

    /// The answer to a query: which of the outcomes a uniform number falls on.
    func answer(_ text: String, uniform: Double) -> String {
        guard let (group, label) = SimulatedWorld.truth(of: text) else { return "nothing" }
        let right = right[group.rawValue] ?? 0
        if uniform < right { return SimulatedWorld.answer(group, label) }
        if uniform < right + (hostile[group.rawValue] ?? 0) { return SimulatedWorld.hostileAnswer(group, label) }
        return SimulatedWorld.answer(group, (label + 5) % 10)
    }

    /// Chance of an answer.
    func probability(of answer: String, to text: String) -> Double {
        guard let (group, label) = SimulatedWorld.truth(of: text) else { return 0.01 }
        if answer == SimulatedWorld.answer(group, label) { return max(0.01, right[group.rawValue] ?? 0) }
        if answer == SimulatedWorld.hostileAnswer(group, label) { return max(0.01, hostile[group.rawValue] ?? 0) }
        return 0.01
    }
}
