/// Answer of `POST …/judgements`, after the commit.
package struct JudgementAnswer: Codable, Equatable, Sendable {
    /// Judgements that are kept from now on.
    package var accepted: Int

    package init(accepted: Int) {
        self.accepted = accepted
    }
}
