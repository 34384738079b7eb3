import Experimentation
import Testing

@Suite("Ratings of a person a day")
struct DailyLimitsTests {
    @Test(
        "As many count as nine of ten do not exceed, from two to ten",
        arguments: [
            ([:], 10), ([1: 500], 2), ([1: 89, 2: 1, 5: 10], 2), ([1: 89, 4: 1, 5: 10], 4), ([1: 80, 7: 20], 7),
            ([1: 50, 40: 50], 10), ([3: 1], 3),
        ] as [([Int: Int], Int)])
    func limit(people: [Int: Int], most: Int) {
        #expect(DailyLimits.limit(people, within: DailyLimits.ratings) == most)
    }

    @Test(
        "Of requests from ten to a hundred",
        arguments: [([:], 100), ([3: 500], 10), ([20: 95, 4000: 5], 20), ([20: 50, 4000: 50], 100)]
            as [([Int: Int], Int)])
    func limitOfRequests(people: [Int: Int], most: Int) {
        #expect(DailyLimits.limit(people, within: DailyLimits.requests) == most)
    }
}
