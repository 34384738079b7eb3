import DriftDetection
import Testing
import Values

/// The detectors' state goes through the store at every stage of their life, whatever their seed.
@Suite("DetectorCoding")
struct DetectorCodingTests {
    @Test(
        "Fresh, learning, watching and alarmed detectors survive their encoding", arguments: [0, 1 << 50] as [UInt64])
    func coding(_ seed: UInt64) throws {
        var queries = QueryDetector(referenceCount: 40, seed: seed)
        var ratings = RatingDetector(referenceCount: 40, seed: seed)
        for number in 0..<400 {
            if number % 20 == 0 {
                let queriesAgain = try StrictJSON.decode(
                    QueryDetector.self, parsing: StrictJSON.encodeBytes(queries))
                let ratingsAgain = try StrictJSON.decode(
                    RatingDetector.self, parsing: StrictJSON.encodeBytes(ratings))
                #expect(queriesAgain == queries && ratingsAgain == ratings, "after \(number)")
                (queries, ratings) = (queriesAgain, ratingsAgain)
            }
            queries.observe(.init(text: number < 100 ? "where is my card \(number % 7)" : "loan rate \(number) now"))
            ratings.observe(number < 100 ? Double(number % 2) : 1)
        }
        #expect(queries.logEvidence > 5)
        #expect(ratings.logEvidence > 5)
    }
}
