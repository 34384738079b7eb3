/// What an erasure removed, and what has seen it.
package struct ErasureResult: Equatable, Sendable {
    package var interactions: Int
    package var ratings: Int
    package var assignments: Int
    package var conversations: Int
    /// Names of the adapters whose training or judging data held a record of the unit.
    package var adapters: [String]
    /// Jobs that were under way with a record of the unit in their data. They are closed: no result of theirs is taken, and
    /// their loop begins them anew.
    package var jobs: [String]

    package init(
        interactions: Int = 0, ratings: Int = 0, assignments: Int = 0, conversations: Int = 0, adapters: [String] = [],
        jobs: [String] = []
    ) {
        self.interactions = interactions
        self.ratings = ratings
        self.assignments = assignments
        self.conversations = conversations
        self.adapters = adapters
        self.jobs = jobs
    }
}
