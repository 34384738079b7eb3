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
    private let seed: UInt64

    private static var testMessages: Int { 600 }
    /// Fewer would come again too often.
    private static var leastReference: Int { 6000 }

    /// The reference traffic is of messages that the base has not learnt, where the source has enough of them (`dev`, and
    /// what of `test` is not measured on): in production nobody asks what the base was trained on, and of rows that it
    /// knows by heart the gate would not see what a candidate forgets.
    init(source: TrafficSource, shifts: [String], next nextDomains: [String], seed: UInt64) throws {
        func shuffled(_ messages: [TrafficMessage], _ name: String, seed: UInt64 = seed) -> [TrafficMessage] {
            var messages = messages
            var random = SeededRandom(seed, name)
            random.shuffle(&messages)
            return messages
        }
        func train(_ domains: [String]) throws -> [TrafficMessage] {
            shuffled(try source.messages(domains, .train), domains.joined(separator: " ") + "train")
        }
        func test(_ domains: [String]) throws -> [TrafficMessage] {
            // The same for every seed, so that runs can be compared.
            shuffled(try source.messages(domains, .test), domains.joined(separator: " ") + "test", seed: 1)
        }
        self.seed = seed
        let tested = try test(source.referenceDomains)
        oldTest = Array(tested.prefix(Self.testMessages))
        let unseen = try source.messages(source.referenceDomains, .dev) + tested.dropFirst(Self.testMessages)
        reference =
            unseen.count >= Self.leastReference ? shuffled(unseen, "reference") : try train(source.referenceDomains)
        shift = try train(shifts)
        next = try train(nextDomains)
        newTest = try Array(test(shifts).prefix(Self.testMessages))
        nextTest = try Array(test(nextDomains).prefix(Self.testMessages))
        intents = Set((reference + shift + next).map(\.answer)).sorted {
            (Self.lastWord($0), $0) < (Self.lastWord($1), $1)
        }
    }

    private static func lastWord(_ intent: String) -> Substring { intent.split(separator: " ").last ?? "" }

    /// The message at a place of the traffic.
    ///
    /// Of reference traffic every message is drawn anew, as likely as every other at all times: played in turns it would
    /// change when its first turn is over, since what the detectors learnt as normal would come back word for word. New
    /// traffic comes in turns, so that all of it is there to be learnt from.
    func message(_ mix: Mix, at place: Int) -> TrafficMessage {
        let messages = messages(mix)
        guard mix == .reference else { return messages[place % messages.count] }
        var random = SeededRandom(seed, "reference message \(place)")
        return random.pick(messages)
    }

    func messages(_ mix: Mix) -> [TrafficMessage] {
        switch mix {
        case .reference: reference
        case .shift: shift
        case .next: next
        }
    }
}
