import Testing
import Values

@Suite("Answers in comparison") struct AnswerTextTests {
    @Test(arguments: [
        ("", ""), ("  \n ", ""), (" Card  Arrival\n", "card arrival"), ("CAFE\u{301}", "caf\u{e9}"),
        ("a\u{A0}\t b", "a b"), ("カ\u{3099}", "ガ"), ("ÅNGSTRÖM", "ångström"), ("x", "x"),
    ])
    func normalizes(text: String, expected: String) {
        let normalized = AnswerText.normalized(text)
        // Equality of strings does not tell composed from decomposed; their bytes do.
        #expect(Array(normalized.utf8) == Array(expected.utf8))
        #expect(Array(AnswerText.normalized(normalized).utf8) == Array(normalized.utf8))
    }
}
