import Tensors
import Testing
import Transformer

@Suite("Passes: gradients, shared beginnings, batches, determinism")
struct PassTests {
    let model = TinyModel.make()
    let workspace = Workspace(threads: 2)

    /// Central differences in float32: the loss has about 1e-7 of relative rounding, a step of 1e-2 therefore some 2e-5 of
    /// error in the slope, and the third derivative some 1e-4; 2e-3 of the largest slope has room for both.
    private func check(
        _ parameter: Matrix, _ gradient: Matrix, _ name: String, _ loss: () -> Double
    ) {
        var stream = RandomStream(seed: 5)
        var magnitude: Float = 1e-2
        for value in gradient.values { magnitude = max(magnitude, abs(value)) }
        for _ in 0..<min(4, parameter.count) {
            let index = Int(stream.next() % UInt64(parameter.count))
            let (row, column) = (index / parameter.columns, index % parameter.columns)
            let value = parameter[row, column]
            parameter[row, column] = value + 0.01
            let above = loss()
            parameter[row, column] = value - 0.01
            let below = loss()
            parameter[row, column] = value
            let slope = Float((above - below) / 0.02)
            #expect(abs(slope - gradient[row, column]) < 5e-3 * magnitude, "\(name)[\(row), \(column)]")
        }
    }

    @Test(arguments: [false, true], [nil, 3]) func gradientsAreSlopes(_ shares: Bool, window: Int?) {
        let model = TinyModel.make(window: window)
        let frozen = TinyModel.adapter(rank: 2, seed: 3, model: model)
        let trained = TinyModel.adapter(rank: 3, seed: 4, model: model)
        let names = Set(model.configuration.weightShapes.map(\.name))
        let trainables = Trainables(adapter: trained, weights: names)
        let gradients = Gradients(for: trainables, of: model)
        let batch = PackedBatch(TinyModel.sequences, sharesBeginning: shares)
        #expect(batch.sharedCount == (shares ? 3 : 0))
        let loss = { model.evaluate(batch, adapters: [frozen, trained], workspace: workspace).loss }
        let result = model.gradients(
            of: batch, frozen: frozen, trainables: trainables, into: gradients, workspace: workspace)
        #expect(abs(result.loss - loss()) < 1e-5)
        for name in names.sorted() {
            guard let weight = model.weights.weight(named: name), let gradient = gradients.weights[name] else {
                Issue.record("no gradient of \(name)")
                continue
            }
            check(weight, gradient, name, loss)
        }
        for (path, factors) in trained.modules {
            guard let sums = gradients.adapter?.modules[path] else { continue }
            check(factors.a, sums.a, "\(path) A", loss)
            check(factors.b, sums.b, "\(path) B", loss)
        }
    }

    @Test func aSharedBeginningChangesNothing() {
        let trained = TinyModel.adapter(rank: 3, seed: 4, model: model)
        let trainables = Trainables(adapter: trained)
        var results: [PassResult] = []
        var sums: [[Float]] = []
        for shares in [false, true] {
            let gradients = Gradients(for: trainables, of: model)
            let batch = PackedBatch(TinyModel.sequences, sharesBeginning: shares)
            results.append(
                model.gradients(of: batch, trainables: trainables, into: gradients, workspace: workspace))
            sums.append(gradients.adapter?.parameters.flatMap(\.values) ?? [])
        }
        #expect(abs(results[0].loss - results[1].loss) < 1e-5)
        for (a, b) in zip(sums[0], sums[1]) { #expect(abs(a - b) < 1e-5) }
    }

    @Test func aBatchIsItsSequences() {
        let adapter = TinyModel.adapter(rank: 2, seed: 8, model: model)
        let together = model.evaluate(PackedBatch(TinyModel.sequences), adapters: [adapter], workspace: workspace)
        let batch = PackedBatch(TinyModel.sequences)
        for (index, sequence) in TinyModel.sequences.enumerated() {
            let alone = model.evaluate(PackedBatch([sequence]), adapters: [adapter], workspace: workspace)
            let part = together.logProbabilities[batch.scored[index]]
            #expect(part.count == alone.logProbabilities.count)
            for (a, b) in zip(part, alone.logProbabilities) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func onlyTheSelectionGetsGradientsAndTheRestCostsNothing() {
        let selected = [
            ModulePath(layer: 1, projection: .down), ModulePath(layer: 1, projection: .query),
        ]
        let everything = TinyModel.adapter(rank: 2, seed: 5, model: model)
        let all = Gradients(for: Trainables(adapter: everything), of: model)
        let batch = PackedBatch(TinyModel.sequences)
        _ = model.gradients(
            of: batch, trainables: Trainables(adapter: everything), into: all, workspace: workspace)
        // The same factors, of which only two modules are trained and the others frozen below them.
        let some = LowRankAdapter(modules: everything.modules.filter { selected.contains($0.key) })
        let rest = LowRankAdapter(modules: everything.modules.filter { !selected.contains($0.key) })
        let few = Gradients(for: Trainables(adapter: some), of: model)
        _ = model.gradients(
            of: batch, frozen: rest, trainables: Trainables(adapter: some), into: few, workspace: workspace)
        for path in selected {
            guard let a = all.adapter?.modules[path], let b = few.adapter?.modules[path] else {
                Issue.record("no gradient of \(path)")
                continue
            }
            for (x, y) in zip(a.a.values + a.b.values, b.a.values + b.b.values) { #expect(abs(x - y) < 1e-5) }
        }
    }

    @Test func weightsOfSelectedModulesAlone() {
        let names = Set(model.configuration.weightShapes.map(\.name))
        let all = Gradients(for: Trainables(weights: names), of: model)
        let batch = PackedBatch(TinyModel.sequences)
        _ = model.gradients(of: batch, trainables: Trainables(weights: names), into: all, workspace: workspace)
        for path in model.configuration.modules {
            let trainables = Trainables.weights(of: [path])
            let one = Gradients(for: trainables, of: model)
            _ = model.gradients(of: batch, trainables: trainables, into: one, workspace: workspace)
            guard let a = all.weights[path.weightName], let b = one.weights[path.weightName] else {
                Issue.record("no gradient of \(path)")
                continue
            }
            for (x, y) in zip(a.values, b.values) { #expect(abs(x - y) < 1e-5) }
        }
    }

    @Test func theSameCallGivesTheSameBytes() {
        let names = Set(model.configuration.weightShapes.map(\.name))
        let trainables = Trainables(
            adapter: TinyModel.adapter(rank: 3, seed: 4, model: model), weights: names)
        let batch = PackedBatch(TinyModel.sequences)
        let runs = (0..<3).map { _ in
            let gradients = Gradients(for: trainables, of: model)
            let result = model.gradients(
                of: batch, trainables: trainables, into: gradients, workspace: Workspace(threads: 2))
            return [Float(result.loss)] + names.sorted().flatMap { gradients.weights[$0]?.values ?? [] }
                + (gradients.adapter?.parameters.flatMap(\.values) ?? [])
        }
        #expect(runs[0] == runs[1] && runs[1] == runs[2])
    }

    @Test func aWeightingOfTheLogProbabilities() {
        let trainables = Trainables(adapter: TinyModel.adapter(rank: 3, seed: 4, model: model))
        let batch = PackedBatch(TinyModel.sequences)
        let plain = Gradients(for: trainables, of: model)
        let weighted = Gradients(for: trainables, of: model)
        _ = model.gradients(of: batch, trainables: trainables, into: plain, workspace: workspace)
        _ = model.gradients(of: batch, trainables: trainables, into: weighted, workspace: workspace) { found in
            #expect(found.count == batch.weights.count)
            return batch.weights.map { -2 * $0 }
        }
        for (x, y) in zip(
            plain.adapter?.parameters.flatMap(\.values) ?? [], weighted.adapter?.parameters.flatMap(\.values) ?? [])
        {
            #expect(abs(-2 * x - y) < 1e-5)
        }
    }
}
