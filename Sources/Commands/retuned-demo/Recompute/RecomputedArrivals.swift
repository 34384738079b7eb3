/// Which newcomers came to rate in a burst.
///
/// An hour is a 24th of a day, from the start of the experiment. Who comes for an hour that was over at an earlier look came in
/// the first one that was not. Six hours in a row with more newcomers than the limit for their end are a burst: who came in
/// them never counts. Who came in none counts when the sixth hour, their own the first, is over at a look.
struct RecomputedArrivals: Sendable {
    private let limits: [Int]
    private let hourSeconds: Double
    private var hours: [String: Int] = [:]
    private var hoursOver = 0
    private var inBursts = Set<Int>()

    init(limits: [Int], hourSeconds: Double) {
        (self.limits, self.hourSeconds) = (limits, hourSeconds)
    }

    mutating func add(_ name: String, at seconds: Double) {
        if hours[name] == nil { hours[name] = max(hoursOver, Int(max(0, seconds) / hourSeconds)) }
    }

    mutating func look(at seconds: Double) {
        let now = Int(seconds / hourSeconds)
        guard now > hoursOver else { return }
        let counts = Dictionary(grouping: hours.values) { $0 }.mapValues(\.count)
        for end in hoursOver..<now {
            let six = max(0, end - 5)...end
            if six.reduce(0, { $0 + (counts[$1] ?? 0) }) > limits[end % 24] { inBursts.formUnion(six) }
        }
        hoursOver = now
    }

    /// Whether it is not known yet if a newcomer counts.
    func waits(_ name: String) -> Bool {
        guard let hour = hours[name] else { return false }
        return !inBursts.contains(hour) && hour + 6 > hoursOver
    }

    func isAside(_ name: String) -> Bool { hours[name].map(inBursts.contains) ?? false }
}
