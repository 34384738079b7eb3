import Contracts
import Testing

@Suite("Contracts: when two answers are the same")
struct AnswerComparisonTests {
    @Test(arguments: [
        ("card arrival", "  Card\t ARRIVAL \n"), ("caf\u{E9}", "cafe\u{301}"), ("\u{C9}t\u{E9}", "e\u{301}te\u{301}"),
        ("a b", "a\u{A0}b"), ("", "   "),
    ])
    func same(one: String, other: String) {
        #expect(AnswerComparison.same(one, other))
    }

    @Test(arguments: [("card arrival", "card arrivals"), ("ab", "a b"), ("café", "cafe")])
    func different(one: String, other: String) {
        #expect(!AnswerComparison.same(one, other))
    }
}
