/// Units whose arm an operator chose: they count in no experiment.
package struct PinnedView: Codable, Equatable, Sendable {
    /// How many get the candidate.
    package var candidate: Int
    /// How many never get one.
    package var incumbent: Int

    package init(candidate: Int, incumbent: Int) {
        self.candidate = candidate
        self.incumbent = incumbent
    }
}
