/// A line of `data/train.jsonl`, `heldout.jsonl`, `old.jsonl` or `golden.jsonl`.
package struct TrainingExample: Codable, Equatable, Sendable {
    /// One turn of a conversation: who speaks (`system`, `user`, `assistant`, …), and the text, redacted.
    package struct Message: Codable, Hashable, Sendable {
        package var role: String
        package var content: String

        package init(role: String, content: String) {
            self.role = role
            self.content = content
        }
    }

    /// `sha256:` of the stored row's canonical JSON: which accepted record the example descends from.
    package var record: String
    /// Pseudonym of who was served; examples of a unit are never split between sets.
    package var unit: String
    package var messages: [Message]
    /// The answer that should be given after `messages`.
    package var answer: String
    /// Weight in the mean loss; the inverse of the row's chance to be labelled, up to a constant.
    package var weight: Double
    /// False for an answer that should *not* be given (used by KTO only).
    package var desirable: Bool
    /// Half-open ranges `[start, end]` of the answer in Unicode scalars that redaction replaced; they are not scored.
    package var redacted: [[Int]]

    package init(
        record: String, unit: String, messages: [Message], answer: String, weight: Double, desirable: Bool,
        redacted: [[Int]] = []
    ) {
        self.record = record
        self.unit = unit
        self.messages = messages
        self.answer = answer
        self.weight = weight
        self.desirable = desirable
        self.redacted = redacted
    }
}

/// The files of a job folder's `data/`.
package enum ExampleSet: String, Codable, Sendable, CaseIterable {
    case train, heldout, old, golden

    /// The file's name inside the job folder.
    package var path: String { "data/\(rawValue).jsonl" }
}
