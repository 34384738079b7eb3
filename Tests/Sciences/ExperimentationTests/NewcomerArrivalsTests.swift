import Experimentation
import Statistics
import Testing

@Suite("Experiment newcomers: which come in a burst, and until when it is waited for")
struct NewcomerArrivalsTests {
    private static let limits = BurstLimits(hourly: [Int](repeating: 20, count: 24))
    private static let hour = 3600.0

    private static func arrivals() -> NewcomerArrivals { NewcomerArrivals(limits: limits, hourSeconds: hour) }

    /// Names, and when they come.
    private static func crowd(_ count: Int, _ name: String, from: Double, to: Double) -> [(name: String, at: Double)] {
        (0..<count).map { ("\(name)\($0)", from + (to - from) * Double($0) / Double(count)) }
    }

    @Test("As many as the limit are released when the last six hours that hold theirs are over, and not before")
    func released() {
        var arrivals = Self.arrivals()
        #expect(arrivals.standing(of: "a0") == nil)
        for (name, at) in Self.crowd(20, "a", from: 0, to: Self.hour) { _ = arrivals.arrive(name, at: at) }
        for hour in 1...5 {
            #expect(arrivals.look(at: Double(hour) * Self.hour).released.isEmpty)
            #expect(arrivals.standing(of: "a19") == .waiting)
        }
        #expect(arrivals.look(at: 6 * Self.hour - 0.001).released.isEmpty)
        let settled = arrivals.look(at: 6 * Self.hour)
        #expect(Set(settled.released) == Set((0..<20).map { "a\($0)" }) && settled.aside.isEmpty)
        #expect(arrivals.standing(of: "a0") == .released && arrivals.bursts.isEmpty)
        // Nothing is said twice.
        #expect(arrivals.look(at: 6 * Self.hour).released.isEmpty)
    }

    @Test("One more is a burst, wherever in the six hours they come: all who came in these are set aside for good")
    func burst() {
        for first in [0.0, 0.5, 3.2] {
            var arrivals = Self.arrivals()
            _ = arrivals.arrive("long before", at: 0)
            for (name, at) in Self.crowd(21, "a", from: (10 + first) * Self.hour, to: (15.1 + first) * Self.hour) {
                _ = arrivals.arrive(name, at: at)
            }
            _ = arrivals.arrive("after", at: 40 * Self.hour)
            let settled = arrivals.look(at: 60 * Self.hour)
            #expect(settled.aside.count == 21 && Set(settled.released) == ["long before", "after"])
            #expect(arrivals.bursts.count == 1 && arrivals.bursts[0].newcomers == 21)
            #expect(arrivals.arrive("a3", at: 61 * Self.hour) == false)
            #expect(arrivals.look(at: 90 * Self.hour).released.isEmpty)
            #expect(arrivals.standing(of: "a3") == .aside)
        }
    }

    @Test("A burst is known with the hour that makes it; whoever stands in six hours with it is set aside too")
    func edges() {
        var arrivals = Self.arrivals()
        for (name, at) in Self.crowd(25, "a", from: 10 * Self.hour, to: 11 * Self.hour) {
            _ = arrivals.arrive(name, at: at)
        }
        #expect(arrivals.look(at: 11 * Self.hour).aside.count == 25)
        // Until five hours later they stand in the same six hours, so whoever comes there is set aside with them.
        _ = arrivals.arrive("within", at: 15.9 * Self.hour)
        _ = arrivals.arrive("beyond", at: 16 * Self.hour)
        #expect(arrivals.look(at: 16 * Self.hour).aside == ["within"])
        #expect(arrivals.look(at: 22 * Self.hour).released == ["beyond"])
        #expect(arrivals.bursts.map(\.hours) == [5..<16])
    }

    @Test("Whoever comes for an hour that is over arrives in the first that is not")
    func late() {
        var arrivals = Self.arrivals()
        _ = arrivals.look(at: 3 * Self.hour)
        for (name, at) in Self.crowd(21, "a", from: -5, to: 3 * Self.hour) { _ = arrivals.arrive(name, at: at) }
        #expect(arrivals.look(at: 4 * Self.hour).aside.count == 21)
    }

    @Test("Within an hour the order does not matter, nor how often it is looked; the same again comes to the same")
    func order() {
        for seed in 1...40 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let crowd = 10 + generator.index(below: 30)
            var comers = (0..<200).map { (name: "u\($0)", at: generator.uniform() * 96 * Self.hour) }
            comers += Self.crowd(crowd, "c", from: 30 * Self.hour, to: 35 * Self.hour)
            func play(everyHours step: Double, _ generator: inout SeededGenerator) -> NewcomerArrivals {
                var arrivals = Self.arrivals()
                var elapsed = 0.0
                while elapsed < 120 * Self.hour {
                    // What comes between two looks, in any order.
                    var here = comers.filter { $0.at >= elapsed && $0.at < elapsed + step * Self.hour }
                    generator.shuffle(&here)
                    for comer in here + here { _ = arrivals.arrive(comer.name, at: comer.at) }
                    elapsed += step * Self.hour
                    _ = arrivals.look(at: elapsed)
                }
                return arrivals
            }
            let plays = [1.0, 1, 2, 12].map { play(everyHours: $0, &generator) }
            for name in comers.map(\.name) {
                #expect(Set(plays.map { $0.standing(of: name) }).count == 1)
                #expect(plays[0].standing(of: name) != .waiting)
            }
            #expect(plays.allSatisfy { $0.bursts == plays[0].bursts })
            // By the rule itself: who stands in six hours with more than the limit.
            let hours = Dictionary(grouping: comers) { Int($0.at / Self.hour) }.mapValues(\.count)
            for comer in comers {
                let own = Int(comer.at / Self.hour)
                let isIn = (max(0, own - 5)...own).contains { first in
                    (first..<(first + 6)).reduce(0) { $0 + (hours[$1] ?? 0) } > 20
                }
                #expect((plays[0].standing(of: comer.name) == .aside) == isIn, "seed \(seed), \(comer)")
            }
        }
    }

    @Test("Limits are a tenth above the most of a week at that hour of the day, and chance; never below twenty")
    func limits() {
        var before = [Int](repeating: 0, count: BurstLimits.hoursBefore)
        #expect(BurstLimits(arrivals: before).hourly == [Int](repeating: 20, count: 24))
        // A hundred in the hour before the start, and sixty in one that is two days before it.
        before[before.count - 1] = 100
        before[before.count - 49] = 60
        let limits = BurstLimits(arrivals: before)
        #expect(limits.limit(endingIn: 23) == 140)
        // Of the sixty, the six hours that end with theirs, and five more; where it is the more.
        #expect(limits.hourly[0...4].allSatisfy { $0 == 89 } && limits.hourly[5...22].allSatisfy { $0 == 20 })
        #expect(limits.limit(endingIn: 47) == 140 && limits.later(byHours: -1).limit(endingIn: 0) == 140)
        #expect(limits.later(byHours: 23).limit(endingIn: 0) == 140 && limits.later(byHours: 48) == limits)
    }
}
