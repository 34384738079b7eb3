/// Messages to be played and messages to be measured on, shuffled by the seed.
struct TrafficPools: Sendable {
    enum Mix: String, Sendable { case reference, shift, next }

    var reference: [TrafficMessage]
    var shift: [TrafficMessage]
    var next: [TrafficMessage]
    var oldTest: [TrafficMessage]
    var newTest: [TrafficMessage]
    var nextTest: [TrafficMessage]
    /// Every answer, in a fixed order: by the last word, then by all, so that neighbours differ in what is wanted rather than
    /// in the thing it is wanted for.
    var intents: [String]

    private static var testMessages: Int { 600 }

    init(source: TrafficSource, shifts: [String], next nextDomains: [String], seed: UInt64) throws {
        func shuffled(_ domains: [String], _ split: TrafficSource.Split) throws -> [TrafficMessage] {
            var messages = try source.messages(domains, split)
            // The test sample is the same for every seed, so that runs can be compared.
            var random = SeededRandom(split == .test ? 1 : seed, domains.joined(separator: " ") + split.rawValue)
            random.shuffle(&messages)
            return split == .test ? Array(messages.prefix(Self.testMessages)) : messages
        }
        reference = try shuffled(source.referenceDomains, .train)
        shift = try shuffled(shifts, .train)
        next = try shuffled(nextDomains, .train)
        oldTest = try shuffled(source.referenceDomains, .test)
        newTest = try shuffled(shifts, .test)
        nextTest = try shuffled(nextDomains, .test)
        intents = Set((reference + shift + next).map(\.answer)).sorted {
            (Self.lastWord($0), $0) < (Self.lastWord($1), $1)
        }
    }

    private static func lastWord(_ intent: String) -> Substring { intent.split(separator: " ").last ?? "" }

    func messages(_ mix: Mix) -> [TrafficMessage] {
        switch mix {
        case .reference: reference
        case .shift: shift
        case .next: next
        }
    }
}
