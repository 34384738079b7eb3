import Experimentation
import Testing
import Values

@Suite("Experiment data: which ratings count, and what a unit's first score is")
struct ExperimentDataTests {
    private static func design(cap: Int, unitCap: Int = 50, newcomersAside: Bool = false) -> ExperimentDesign {
        ExperimentDesign(
            alpha: 0.05, harmAlpha: 0.2, steps: [0.5], leastStepSeconds: 1, leastStepUnits: 1, longestSeconds: 1e9,
            minimumEffect: 0.02, burnInUnits: 50, tuning: 1000, latencyRatio: 1.5, errorMargin: 0.02,
            ratingsPerRaterPerDay: cap, ratingsPerUnitPerDay: unitCap, daySeconds: 100,
            setsNewcomersAside: newcomersAside)
    }

    private static func rating(
        _ unit: String, of interaction: Int64, _ score: Double, time: Int64 = 0, sequence: Int64, rater: String? = nil,
        at seconds: Double = 0, isByNewcomer: Bool = false
    ) -> ExperimentData.Rating {
        ExperimentData.Rating(
            unit: unit, arm: .candidate, rater: rater ?? unit, interaction: interaction, score: score, time: time,
            sequence: sequence, receivedSeconds: seconds, isByNewcomer: isByNewcomer)
    }

    @Test("A later rating replaces the value, not the place; an earlier one that arrives late does neither")
    func replacing() {
        var data = ExperimentData(design: Self.design(cap: 10))
        data.rate(Self.rating("u", of: 1, 1, time: 50, sequence: 1))
        data.rate(Self.rating("u", of: 2, 1, time: 60, sequence: 2))
        data.rate(Self.rating("u", of: 1, 0, time: 70, sequence: 3))
        data.rate(Self.rating("u", of: 2, 0, time: 10, sequence: 4))
        data.rate(Self.rating("v", of: 1, 1, time: 10, sequence: 5))
        #expect(data.candidate.summary.ratings == 3)
        #expect(data.candidate.summary.ratedUnits == 2)
        #expect(data.candidate.summary.mean == 2.0 / 3)
    }

    @Test("A unit's first score is what came first, whatever replaces it, before or after a look")
    func firstScores() {
        var data = ExperimentData(design: Self.design(cap: 10))
        data.rate(Self.rating("u", of: 1, 1, time: 50, sequence: 1))
        data.rate(Self.rating("u", of: 1, 0, time: 60, sequence: 2))
        #expect(data.candidate.newScores == [1])
        data.endLook()
        data.rate(Self.rating("u", of: 1, 0.5, time: 70, sequence: 3))
        data.rate(Self.rating("v", of: 2, 0, time: 5, sequence: 4))
        #expect(data.candidate.newScores == [0])
        #expect(data.candidate.summary.mean == 0.25)
    }

    @Test("Who rates others' answers is a witness of harm once; what they say counts all the same")
    func independent() {
        var data = ExperimentData(design: Self.design(cap: 10))
        for unit in 1...4 {
            data.rate(Self.rating("u\(unit)", of: Int64(unit), 0, sequence: Int64(unit), rater: "colleague", at: 50))
        }
        #expect(data.candidate.newScores == [0] && data.candidate.summary.ratedUnits == 4)
        #expect(data.candidate.lastRatings == LatestOutcomes(units: 1, bad: 1))
        // The units' own opinions are theirs; the next day (100 seconds) makes nobody another person.
        data.rate(Self.rating("u2", of: 12, 1, sequence: 11, at: 60))
        data.rate(Self.rating("u3", of: 13, 0, sequence: 12, rater: "colleague", at: 160))
        data.rate(Self.rating("u4", of: 14, 0, sequence: 13, rater: "colleague", at: 170))
        #expect(data.candidate.newScores == [0, 1])
        #expect(data.candidate.lastRatings == LatestOutcomes(units: 2, bad: 1))
        // A change of what was heard is heard.
        data.rate(Self.rating("u1", of: 1, 1, time: 5, sequence: 14, rater: "colleague", at: 180))
        data.rate(Self.rating("u2", of: 2, 1, time: 5, sequence: 15, rater: "colleague", at: 180))
        #expect(data.candidate.lastRatings == LatestOutcomes(units: 2, bad: 0))
        #expect(data.candidate.newScores == [0, 1])
    }

    @Test("A request that was rated beyond the day's number is none that nobody rated")
    func dismissed() {
        var data = ExperimentData(design: Self.design(cap: 1))
        for number in 1...3 {
            data.serve(
                unit: "u", arm: .candidate, RequestOutcome(failed: false), interaction: Int64(number),
                receivedSeconds: 0)
            data.rate(Self.rating("u", of: Int64(number), 1, sequence: Int64(number)))
        }
        data.rate(Self.rating("u", of: 2, 0, time: 9, sequence: 4))
        #expect(data.candidate.ratedPerRequest.mean == 1 && data.candidate.ratedPerRequest.ratings == 1)
        // Somebody else's opinion of it counts, so it is rated.
        data.rate(Self.rating("u", of: 3, 0, sequence: 5, rater: "colleague"))
        #expect(data.candidate.ratedPerRequest.mean == 1 && data.candidate.ratedPerRequest.ratings == 2)
        #expect(data.candidate.goodPerRequest.mean == 0.5)
    }

    @Test(
        "Beyond a unit's number of requests of the day one counts for what it met last, and where it is rated for who rates"
    )
    func requestsOfADay() {
        var design = Self.design(cap: 2)
        design.requestsPerUnitPerDay = 2
        design.metrics = [
            MetricDesign(name: "length", measure: .completionTokens, role: .signal, change: .absolute, limit: 1)
        ]
        var data = ExperimentData(design: design)
        func serve(_ interaction: Int64, failed: Bool, at seconds: Double) {
            data.serve(
                unit: "u", arm: .candidate,
                RequestOutcome(failed: failed, latencyMilliseconds: 100, completionTokens: Int(interaction)),
                interaction: interaction, receivedSeconds: seconds)
        }
        serve(1, failed: false, at: 10)
        serve(2, failed: false, at: 20)
        for interaction in 3...6 { serve(Int64(interaction), failed: true, at: 30) }
        #expect(data.candidate.requests == 2 && data.candidate.errors == 0)
        #expect(data.candidate.lastRequests == LatestOutcomes(units: 1, bad: 1))
        #expect(data.candidate.ratedPerRequest.ratings == 2 && data.candidate.ratedPerRequest.mean == 0)
        // The day is over; a clock that is set back begins it anew for nobody.
        serve(7, failed: true, at: 110)
        serve(8, failed: false, at: 90)
        serve(9, failed: true, at: 95)
        #expect(data.candidate.requests == 4 && data.candidate.errors == 1)
        // Rated after it was served; then before; then beyond the rater's number too.
        data.rate(Self.rating("u", of: 3, 1, sequence: 1, at: 40))
        #expect(data.candidate.ratedPerRequest.ratings == 5 && data.candidate.ratedPerRequest.mean == 0.2)
        data.rate(Self.rating("u", of: 10, 1, sequence: 2, at: 40))
        serve(10, failed: false, at: 120)
        #expect(
            data.candidate.ratedPerRequest.ratings == 6
                && abs((data.candidate.goodPerRequest.mean ?? 0) - 2.0 / 6) < 1e-12)
        data.rate(Self.rating("u", of: 4, 1, sequence: 3, at: 40))
        data.rate(Self.rating("u", of: 11, 1, sequence: 4, at: 40))
        serve(11, failed: false, at: 130)
        #expect(data.candidate.ratedPerRequest.ratings == 6)
        // Somebody else's opinion of them counts.
        data.rate(Self.rating("u", of: 4, 0, sequence: 5, rater: "colleague", at: 50))
        data.rate(Self.rating("u", of: 11, 0, sequence: 6, rater: "colleague", at: 50))
        #expect(data.candidate.ratedPerRequest.ratings == 8 && data.candidate.ratedPerRequest.mean == 0.5)
        data.leaveOut(unit: "u", of: .candidate)
        #expect(
            data.candidate.requests == 0 && data.candidate.errors == 0 && data.candidate.ratedPerRequest.ratings == 0)
    }

    @Test("Several raters of a request are one rated request, with the mean of what they say")
    func severalRaters() {
        var data = ExperimentData(design: Self.design(cap: 10))
        for unit in ["u", "v"] {
            data.enrol(unit: unit, in: .candidate)
            data.serve(unit: unit, arm: .candidate, RequestOutcome(failed: false), interaction: 0, receivedSeconds: 0)
        }
        for (sequence, rater) in ["u", "first", "second"].enumerated() {
            data.rate(Self.rating("u", of: 1, sequence == 0 ? 1 : 0, sequence: Int64(sequence), rater: rater))
        }
        #expect(data.candidate.summary.ratings == 3)
        #expect(data.candidate.ratedPerRequest.mean == 0.5)
        #expect(abs((data.candidate.goodPerRequest.mean ?? 0) - 1.0 / 6) < 1e-12)
        #expect(abs((data.candidate.badPerRequest.mean ?? 0) - 2.0 / 6) < 1e-12)
        data.rate(Self.rating("u", of: 1, 1, time: 5, sequence: 9, rater: "second"))
        #expect(abs((data.candidate.goodPerRequest.mean ?? 0) - 2.0 / 6) < 1e-12)
        #expect(data.candidate.ratedPerRequest.mean == 0.5)
    }

    @Test("Beyond a rater's number for the day nothing counts, also not by changing it")
    func cap() {
        var data = ExperimentData(design: Self.design(cap: 2))
        for interaction in 1...3 {
            data.rate(
                Self.rating(
                    "u\(interaction)", of: Int64(interaction), 1, sequence: Int64(interaction), rater: "one", at: 99))
        }
        data.rate(Self.rating("u3", of: 3, 0, time: 5, sequence: 4, rater: "one", at: 99))
        // A change takes no place of its own.
        data.rate(Self.rating("u1", of: 1, 0, time: 5, sequence: 5, rater: "one", at: 99))
        #expect(data.candidate.summary.ratings == 2 && data.candidate.summary.mean == 0.5)
        #expect(data.candidate.newScores == [1])
        data.rate(Self.rating("u4", of: 4, 1, sequence: 6, rater: "one", at: 100))
        #expect(data.candidate.summary.ratings == 3)
    }

    @Test(
        "Beyond a unit's number for the day nothing counts, whoever rates; what is refused takes no place of the rater's"
    )
    func unitCap() {
        var data = ExperimentData(design: Self.design(cap: 3, unitCap: 2))
        for interaction in 1...4 {
            data.rate(
                Self.rating("u", of: Int64(interaction), 1, sequence: Int64(interaction), rater: "r\(interaction)"))
        }
        #expect(data.candidate.summary.ratings == 2)
        // Rater r3 was refused above, and has all three places left.
        for interaction in 5...8 {
            data.rate(
                Self.rating("v\(interaction)", of: Int64(interaction), 0, sequence: Int64(interaction), rater: "r3"))
        }
        #expect(data.candidate.summary.ratings == 5)
        data.rate(Self.rating("u", of: 9, 1, sequence: 9, rater: "r9", at: 100))
        #expect(data.candidate.summary.ratings == 6)
    }

    @Test("Set aside, a newcomer's ratings and a new rater's are shown and count nowhere; counted, they count")
    func newcomers() {
        for isAside in [true, false] {
            var data = ExperimentData(design: Self.design(cap: 10, newcomersAside: isAside))
            data.enrol(unit: "old", in: .candidate)
            data.enrol(unit: "new", in: .candidate, isNewcomer: true)
            for unit in ["old", "new"] {
                data.serve(
                    unit: unit, arm: .candidate, RequestOutcome(failed: false, latencyMilliseconds: 100),
                    interaction: 0, receivedSeconds: 0)
            }
            data.rate(Self.rating("old", of: 1, 1, sequence: 1))
            data.rate(Self.rating("old", of: 2, 0, sequence: 2, rater: "crowd", isByNewcomer: true))
            data.rate(Self.rating("new", of: 3, 1, sequence: 3))
            data.rate(Self.rating("new", of: 3, 0, time: 5, sequence: 4))
            let arm = data.candidate
            #expect(arm.enrolled == 2 && arm.requests == 2)
            #expect(arm.summary.ratings == (isAside ? 1 : 3))
            #expect(arm.summary.mean == (isAside ? 1 : 1.0 / 3))
            #expect(arm.newScores == (isAside ? [1] : [1, 1]))
            #expect(arm.aside.ratings == (isAside ? 2 : 0) && arm.aside.mean == (isAside ? 0 : nil))
            #expect(arm.aside.ratedUnits == (isAside ? 2 : 0))
            // Of a newcomer's requests none could be rated; that they were answered counts.
            #expect(arm.ratedPerRequest.ratings == (isAside ? 1 : 2))
            #expect(arm.newAnswers == [1, 1])
        }
    }

    @Test("What is set aside takes no place of the unit's day: a crowd does not keep the unit's own ratings out")
    func crowdOnUnits() {
        var data = ExperimentData(design: Self.design(cap: 10, unitCap: 2, newcomersAside: true))
        data.enrol(unit: "old", in: .candidate)
        for number in 1...5 {
            data.rate(
                Self.rating(
                    "old", of: Int64(number), 0, sequence: Int64(number), rater: "crowd \(number)", isByNewcomer: true))
        }
        for number in 6...8 { data.rate(Self.rating("old", of: Int64(number), 1, sequence: Int64(number))) }
        #expect(data.candidate.summary.ratings == 2 && data.candidate.summary.mean == 1)
        #expect(data.candidate.aside.ratings == 5)
        // Of one rater still only so many are taken in.
        for number in 9...30 {
            data.rate(
                Self.rating("old", of: Int64(number), 0, sequence: Int64(number), rater: "one", isByNewcomer: true))
        }
        #expect(data.candidate.aside.ratings == 15)
    }

    @Test("An experiment that began before units had a number of their own goes on without one")
    func earlierDesign() throws {
        let design = Self.design(cap: 3, unitCap: 2)
        guard case .object(var object) = try StrictJSON.encode(design) else { return }
        #expect(try StrictJSON.decode(ExperimentDesign.self, from: .object(object)) == design)
        object["ratingsPerUnitPerDay"] = nil
        object["setsNewcomersAside"] = nil
        let earlier = try StrictJSON.decode(ExperimentDesign.self, from: .object(object))
        #expect(earlier.ratingsPerUnitPerDay == Int(Int32.max) && earlier.ratingsPerRaterPerDay == 3)
        #expect(!earlier.setsNewcomersAside)
    }

    @Test("The game goes on from where it stood: in one piece or in parts it is the same, and it survives being stored")
    func gameInParts() {
        let scores: [Double] = [1, 0, 0.5, 1, 0, 0, 1, 0.25]
        var whole = HarmGame()
        whole.enter(candidate: scores, control: scores.reversed())
        var parts = HarmGame()
        for index in scores.indices {
            parts.enter(candidate: [scores[index]], control: [])
            if index % 3 == 2 { parts.enter(candidate: [], control: Array(scores.reversed()[(index - 2)...index])) }
        }
        parts.enter(candidate: [], control: Array(scores.reversed()[6...]))
        #expect(parts == whole && whole.pairs == 8)
    }
}
