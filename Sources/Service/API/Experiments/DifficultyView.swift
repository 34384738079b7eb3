/// How far it is known how difficult the rated units' first queries are.
package struct DifficultyView: Codable, Equatable, Sendable {
    /// Units that the incumbent was asked for, and that wait.
    package var asked: Int
    package var waiting: Int
    /// Why the last one got no answer; absent: it got one.
    package var trouble: String?

    package init(asked: Int, waiting: Int, trouble: String? = nil) {
        self.asked = asked
        self.waiting = waiting
        self.trouble = trouble
    }
}
