import Experimentation
import Testing

@Suite("Ratings of a person a day")
struct RatingsPerDayTests {
    @Test(
        "As many count as nine of ten do not exceed, from two to ten",
        arguments: [
            ([:], 10), ([1: 500], 2), ([1: 89, 2: 1, 5: 10], 2), ([1: 89, 4: 1, 5: 10], 4), ([1: 80, 7: 20], 7),
            ([1: 50, 40: 50], 10), ([3: 1], 3),
        ] as [([Int: Int], Int)])
    func limit(people: [Int: Int], most: Int) {
        #expect(RatingsPerDay.limit(people) == most)
    }
}
