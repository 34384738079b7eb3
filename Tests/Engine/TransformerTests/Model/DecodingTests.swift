import Tensors
import Testing
import Transformer

@Suite("Decoding: caches, batches, adapters side by side, sampling")
struct DecodingTests {
    let model = TinyModel.make(window: 5)
    let workspace = Workspace(threads: 2)

    private func alone(_ tokens: [Int32], _ adapter: LowRankAdapter?) -> [Float] {
        let batch = PackedBatch([ScoredSequence(tokens: tokens, weights: tokens.map { _ in 0 })])
        let (logits, _) = model.inspect(batch, adapters: adapter.map { [$0] } ?? [], workspace: Workspace(threads: 1))
        return logits.rows(tokens.count - 1..<tokens.count).values
    }

    @Test func adaptersOfDifferentSequencesNeverMix() {
        let first = TinyModel.adapter(rank: 2, seed: 1, model: model)
        let second = TinyModel.adapter(
            rank: 3, seed: 2, model: model, modules: [ModulePath(layer: 0, projection: .value)])
        let prompts: [([Int32], LowRankAdapter?)] = [
            ([1, 2, 3], first), ([4], nil), ([5, 6, 7, 8, 9, 10, 11], second), ([1, 2, 3], second), ([9, 8], first),
            ([1, 2, 3], nil),
        ]
        let caches = prompts.map { _ in model.makeCache(capacity: 16) }
        var tokens = prompts.map(\.0)
        var next = tokens
        for round in 0..<4 {
            let logits = model.step(
                prompts.indices.map { SequenceSlice(cache: caches[$0], tokens: next[$0], adapter: prompts[$0].1) },
                workspace: workspace)
            for index in prompts.indices {
                for (a, b) in zip(logits.rows(index..<index + 1).values, alone(tokens[index], prompts[index].1)) {
                    #expect(abs(a - b) < 1e-4, "round \(round), sequence \(index)")
                }
                next[index] = [Int32((round * 7 + index * 3) % 23)]
                tokens[index] += next[index]
            }
        }
        #expect(caches[2].count == 10)
    }

    @Test func aForkedCacheGoesItsOwnWay() {
        let cache = model.makeCache(capacity: 4)
        _ = model.step([SequenceSlice(cache: cache, tokens: [1, 2, 3])], workspace: workspace)
        let copies = [cache.fork(capacity: 8), cache.fork(capacity: 4)]
        let logits = model.step(
            [
                SequenceSlice(cache: copies[0], tokens: [4, 5]), SequenceSlice(cache: copies[1], tokens: [6]),
            ], workspace: workspace)
        for (row, tokens) in [[Int32(1), 2, 3, 4, 5], [1, 2, 3, 6]].enumerated() {
            for (a, b) in zip(logits.rows(row..<row + 1).values, alone(tokens, nil)) { #expect(abs(a - b) < 1e-4) }
        }
        #expect(cache.count == 3)
    }

    @Test func batchedAnswersEqualSingleAnswers() {
        let adapter = TinyModel.adapter(rank: 2, seed: 6, model: model)
        var stream = RandomStream(seed: 12)
        let prompts = (0..<17).map { _ in
            [Int32(3), 4, 5] + (0..<Int(1 + stream.next() % 9)).map { _ in Int32(stream.next() % 23) }
        }
        for settings in [SamplingSettings(), SamplingSettings(temperature: 0.8, topProbability: 0.9, seed: 4)] {
            let together = model.generate(
                prompts: prompts, adapter: adapter, settings: settings, stopTokens: [2, 7], maximumTokens: 6, batch: 5,
                workspace: workspace)
            for (index, prompt) in prompts.enumerated() {
                var own = settings
                own.seed &+= UInt64(index)
                let single = model.generate(
                    prompts: [prompt], adapter: adapter, settings: own, stopTokens: [2, 7], maximumTokens: 6,
                    workspace: workspace)
                #expect(single[0].tokens == together[index].tokens && single[0].ending == together[index].ending)
                for (a, b) in zip(single[0].logProbabilities, together[index].logProbabilities) {
                    #expect(abs(a - b) < 1e-4)
                }
            }
        }
    }

    @Test func answersEndAtTheirLimits() {
        let long = [Int32](repeating: 3, count: model.configuration.maximumPositions)
        let answers = model.generate(
            prompts: [long, Array(long.dropLast()), [3]], stopTokens: [], maximumTokens: 4, workspace: workspace)
        #expect(answers[0] == GeneratedAnswer(ending: .length))
        #expect(answers[1].tokens.count >= 1 && answers[1].ending == .length)
        #expect(answers[2].tokens.count == 4 && answers[2].ending == .length)
    }

    @Test func samplingFollowsTheProbabilities() {
        // Probabilities 1/2, 1/4, 1/8, 1/8.
        let logits = Matrix(rows: 1, columns: 4, values: [3, 2, 1, 1].map { $0 * 0.693_147_18 })
        var counts = [0, 0, 0, 0]
        var sampler = Sampler(SamplingSettings(temperature: 1, seed: 9))
        for _ in 0..<8000 { counts[Int(sampler.choose(logits, row: 0)?.token ?? 0)] += 1 }
        // Five standard deviations of a binomial count.
        for (count, share) in zip(counts, [0.5, 0.25, 0.125, 0.125]) {
            #expect(abs(Double(count) - 8000 * share) < 5 * (8000 * share * (1 - share)).squareRoot())
        }
        var nucleus = Sampler(SamplingSettings(temperature: 1, topProbability: 0.7, seed: 9))
        for _ in 0..<500 { #expect((nucleus.choose(logits, row: 0)?.token ?? 9) < 2) }
        var greedy = Sampler(SamplingSettings())
        let choice = greedy.choose(logits, row: 0)
        #expect(choice?.token == 0)
        #expect(abs((choice?.logProbability ?? 0) + 0.693_147_18) < 1e-5)
        #expect(greedy.choose(Matrix(rows: 1, columns: 2, values: [1, .nan]), row: 0) == nil)
    }
}
