/// A logged query with both arms' answers, in an order that does not say which is whose.
package struct ShadowPairRow: Codable, Equatable, Sendable {
    package var pair: Int
    package var messages: [PostedMessage]
    package var first: String
    package var second: String
    /// Which is the candidate's; absent until the replay has ended.
    package var candidate: PostedJudgement.Preferred?

    package init(
        pair: Int, messages: [PostedMessage], first: String, second: String,
        candidate: PostedJudgement.Preferred? = nil
    ) {
        self.pair = pair
        self.messages = messages
        self.first = first
        self.second = second
        self.candidate = candidate
    }
}
