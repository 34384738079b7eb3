/// Whether two answers are the same: after NFC, trimming, lower case and single spaces.
package enum AnswerComparison {
    /// The answer trimmed, in lower case, with every run of white space as one space. Two normalised answers are
    /// compared with `==`, which in Swift is canonical equivalence, so that NFC need not be spelt out.
    package static func normalized(_ answer: String) -> String {
        answer.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    package static func same(_ one: String, _ other: String) -> Bool { normalized(one) == normalized(other) }
}
