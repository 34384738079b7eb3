extension Model {
    /// Answers many prompts, in batches; a beginning that all prompts share is computed once. Answers stand in the order
    /// of the prompts. Prompts must not be empty.
    ///
    /// - Parameter batch: most sequences in one step.
    package func generate(
        prompts: [[Int32]], adapter: LowRankAdapter? = nil, settings: SamplingSettings = SamplingSettings(),
        stopTokens: Set<Int32>, maximumTokens: Int, batch: Int = 64, workspace: Workspace
    ) -> [GeneratedAnswer] {
        fatalError("not yet")
    }
}
