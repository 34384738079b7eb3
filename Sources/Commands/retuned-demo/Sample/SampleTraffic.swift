/// The project's own sample of traffic: a help desk in English and German.
///
/// How a message is made, all from one seeded stream a domain and split:
///
/// 1. A wish (six) of a thing (eight); 36 of the 48 pairs exist, and the right answer is the pair, `cancel order`.
/// 2. A phrase of the wish with a way to name the thing, in English or, for a third, in German; a beginning and an ending.
/// 3. One message in twelve is vague (it names the thing and one of two wishes at random is right), so that no model is
///    always right; one in eight has a typing error (two letters swapped, one left out or doubled).
/// 4. `desk` has the phrases that the base learns. In `travel` and in `loyalty` seven messages in ten say three of the
///    wishes in phrases that stand nowhere in `desk`; the answers stay the same ones.
enum SampleTraffic {
    static let referenceDomains = ["desk"]
    static let shiftDomains = ["travel", "loyalty"]

    /// Messages of `desk` that the base learns.
    static let taught = 8000
    /// Enough that no run plays a message twice before the detectors have seen thousands: what comes again is less novel
    /// than what is new, and they would be right to say so.
    static let played = 24_000

    private static var newShare: Double { 0.7 }
    private static var germanShare: Double { 1.0 / 3 }

    /// - Parameter count: how many; always the same first ones. 1,000 of `test` otherwise, else what is played.
    static func messages(_ domain: String, _ split: TrafficSource.Split, count: Int? = nil) throws -> [TrafficMessage] {
        guard (referenceDomains + shiftDomains).contains(domain) else {
            throw DemoFailure(
                "the sample has no traffic named \(domain); it has \((referenceDomains + shiftDomains).joined(separator: ", "))"
            )
        }
        var random = SeededRandom(7, "\(domain) \(split.rawValue)")
        return (0..<(count ?? (split == .test ? 1000 : played))).map { _ in message(domain, &random) }
    }

    /// Every answer.
    static var intents: [String] {
        pairs.map { "\(SampleWords.wishes[$0.wish].name) \(SampleWords.things[$0.thing].name)" }
    }

    private static let pairs: [(wish: Int, thing: Int)] = SampleWords.wishes.indices.flatMap { wish in
        SampleWords.things.indices.compactMap { thing in (wish + thing) % 4 == 3 ? nil : (wish, thing) }
    }

    private static func message(_ domain: String, _ random: inout SeededRandom) -> TrafficMessage {
        let isNew = domain != referenceDomains[0] && random.share() < newShare
        let choices = isNew ? pairs.filter { SampleWords.wishes[$0.wish].domain == domain } : pairs
        let pair = choices[random.below(choices.count)]
        let (wish, thing) = (SampleWords.wishes[pair.wish], SampleWords.things[pair.thing])
        let isGerman = random.share() < germanShare
        let name = random.pick(isGerman ? thing.german : thing.english)
        if !isNew, random.share() < 1.0 / 12 { return vague(name, thing: pair.thing, domain, &random) }
        let phrases =
            isNew
            ? (isGerman ? wish.newGerman : wish.newEnglish) : (isGerman ? wish.german : wish.english)
        let text = filled(random.pick(phrases), name)
        let beginning = random.pick(isGerman ? SampleWords.germanBeginnings : SampleWords.beginnings)
        let ending = random.pick(isGerman ? SampleWords.germanEndings : SampleWords.endings)
        return TrafficMessage(
            query: mistyped(beginning + text + ending, &random), answer: "\(wish.name) \(thing.name)", domain: domain)
    }

    private static func vague(
        _ name: String, thing: Int, _ domain: String, _ random: inout SeededRandom
    ) -> TrafficMessage {
        let wishes = pairs.filter { $0.thing == thing }.prefix(2).map(\.wish)
        return TrafficMessage(
            query: "\(name)?",
            answer: "\(SampleWords.wishes[random.pick(wishes)].name) \(SampleWords.things[thing].name)",
            domain: domain)
    }

    private static func filled(_ phrase: String, _ name: String) -> String {
        guard let range = phrase.firstRange(of: "{n}") else { return phrase }
        return phrase[..<range.lowerBound] + name + phrase[range.upperBound...]
    }

    private static func mistyped(_ text: String, _ random: inout SeededRandom) -> String {
        guard random.share() < 1.0 / 8 else { return text }
        var letters = Array(text)
        let place = random.below(letters.count - 1)
        switch random.below(3) {
        case 0: letters.swapAt(place, place + 1)
        case 1: letters.remove(at: place)
        default: letters.insert(letters[place], at: place)
        }
        return String(letters)
    }
}
