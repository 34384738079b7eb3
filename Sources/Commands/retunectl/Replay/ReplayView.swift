package import Values

/// What `retunectl ab replay` says (`--json`).
package struct ReplayView: Codable, Equatable, Sendable {
    /// A look that does not come out as it was recorded.
    package struct Difference: Codable, Equatable, Sendable {
        /// From 0.
        package var look: Int
        package var time: Timestamp
        /// What was recorded and what comes out, a sentence each.
        package var what: [String]
    }

    package var experiment: String
    package var deployment: String
    package var looks: Int
    /// Looks that come out as they were recorded.
    package var agreeing: Int
    /// The decision on record; absent: it goes on. `stopped`: an operator or a later experiment ended it.
    package var recorded: String?
    /// The decision that comes out; absent: none.
    package var replayed: String?
    package var firstDifference: Difference?
    /// Units that looks counted and the dossier lacks: erased, or older than what is kept.
    package var gone: Int?
    /// Looks that rows name and the dossier lacks: it is not whole.
    package var missing: Int?
    /// What it says of the experiment that its last look does not, a sentence each.
    package var summary: [String]?

    /// Whether every look and the decision come out again.
    package var agrees: Bool {
        agreeing == looks && missing == nil && summary == nil
            && (recorded == replayed || recorded == "stopped" && replayed == nil)
    }
}
