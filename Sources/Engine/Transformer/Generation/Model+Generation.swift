extension Model {
    /// Answers many prompts, in batches; a beginning that all prompts share is computed once. Answers stand in the order
    /// of the prompts. Prompts must not be empty; one that leaves no position for an answer gets an empty one that ended
    /// by length.
    ///
    /// - Parameter batch: most sequences in one step.
    package func generate(
        prompts: [[Int32]], adapter: LowRankAdapter? = nil, settings: SamplingSettings = SamplingSettings(),
        stopTokens: Set<Int32>, maximumTokens: Int, batch: Int = 64, workspace: Workspace
    ) -> [GeneratedAnswer] {
        var answers = [GeneratedAnswer](repeating: GeneratedAnswer(), count: prompts.count)
        let limit = configuration.maximumPositions
        // Prompts of a like length run together, so that their steps end together.
        var waiting = prompts.indices.filter { prompts[$0].count < limit && maximumTokens > 0 }
            .sorted { (prompts[$0].count, $0) > (prompts[$1].count, $1) }
        guard let first = waiting.first else { return answers }
        let shared = Self.commonBeginning(waiting.map { prompts[$0] })
        let beginning = makeCache(capacity: max(1, shared))
        if shared > 0 {
            _ = step(
                [SequenceSlice(cache: beginning, tokens: Array(prompts[first][..<shared]), adapter: adapter)],
                workspace: workspace)
        }
        var running: [RunningSequence] = []
        while !running.isEmpty || !waiting.isEmpty {
            while running.count < max(1, batch), let index = waiting.popLast() {
                let capacity = min(limit, prompts[index].count + maximumTokens)
                var seeded = settings
                seeded.seed &+= UInt64(index)
                running.append(
                    RunningSequence(
                        index: index, cache: beginning.fork(capacity: capacity), sampler: Sampler(seeded),
                        next: Array(prompts[index][shared...])))
            }
            let logits = step(
                running.map { SequenceSlice(cache: $0.cache, tokens: $0.next, adapter: adapter) },
                workspace: workspace)
            var going: [RunningSequence] = []
            for (row, var sequence) in running.enumerated() {
                guard let choice = sequence.sampler.choose(logits, row: row) else {
                    answers[sequence.index].ending = .failed
                    continue
                }
                answers[sequence.index].logProbabilities.append(choice.logProbability)
                if stopTokens.contains(choice.token) {
                    answers[sequence.index].ending = .stop
                    continue
                }
                answers[sequence.index].tokens.append(choice.token)
                guard sequence.cache.count < sequence.cache.capacity,
                    answers[sequence.index].tokens.count < maximumTokens
                else { continue }
                sequence.next = [choice.token]
                going.append(sequence)
            }
            running = going
        }
        return answers
    }

    private struct RunningSequence {
        let index: Int
        let cache: KeyValueCache
        var sampler: Sampler
        var next: [Int32]
    }

    /// Leading tokens that all prompts share; each keeps at least one of its own.
    private static func commonBeginning(_ prompts: [[Int32]]) -> Int {
        guard prompts.count > 1, let first = prompts.first else { return 0 }
        var length = first.count - 1
        for prompt in prompts {
            length = min(length, prompt.count - 1)
            var index = 0
            while index < length, prompt[index] == first[index] { index += 1 }
            length = index
        }
        return length
    }
}
