import FineTuning
import ImpactMaps
import Tensors
import Testing
import Transformer

@Suite("Impact: gradient magnitude by folds of units")
struct ImpactMeasurementTests {
    let model: Model

    init() throws { model = try TinyModel.make() }
    let workspace = Workspace(threads: 1)

    func scores(_ measurement: ImpactMeasurement) throws -> [[Double]] {
        let gradients = measurement.makeGradients()
        return try (0..<measurement.foldCount).map {
            try measurement.scores(fold: $0, gradients: gradients, workspace: workspace) {}
        }
    }

    func measurement(_ rows: [TrainingRow], most: Int = 512, folds: Int = 4) -> ImpactMeasurement {
        ImpactMeasurement(
            model: model, frozen: nil, rows: rows, maximumMessages: most, foldCount: folds, pieceTokens: 64)
    }

    @Test func `every module has a positive score in every fold, and the map is the folds' mean`() throws {
        let measured = measurement(TinyModel.rows(120, shift: 0, seed: 1))
        let folds = try scores(measured)
        #expect(folds.allSatisfy { $0.count == 14 && $0.allSatisfy { $0 > 0 && $0.isFinite } })
        let map = try measured.map(folds: folds)
        #expect(map.modules.map(\.name) == model.configuration.modules.map(\.description))
        let mean = folds.reduce(0) { $0 + $1[3] } / Double(folds.count)
        #expect(abs(map.modules[3].score - mean) < 1e-12 * mean)
        #expect(map.modules[0].cost == 64)
    }

    /// ∂loss/∂scale of a change ε · sign(ḡ) of one weight is Σ|ḡ|: checked by a central difference of the forward pass.
    @Test func `a score is the slope of the loss along the gradient's sign`() throws {
        let rows = TinyModel.rows(12, shift: 0, seed: 1)
        let one = measurement(rows, folds: 1)
        let gradients = one.makeGradients()
        let score = try one.scores(fold: 0, gradients: gradients, workspace: workspace) {}
        let path = ModulePath(layer: 1, projection: .up)
        let index = try #require(model.configuration.modules.firstIndex(of: path))
        let weight = try #require(model.weights.weight(named: path.weightName))
        let gradient = try #require(gradients.weights[path.weightName]).copy()
        let original = weight.copy()
        // Float32 losses of some 4 nats carry errors near 1e-6, so that with ε = 1e-3 the slope is good to 1 %.
        func loss(_ step: Float) -> Double {
            for row in 0..<weight.rows {
                for column in 0..<weight.columns {
                    let sign: Float = gradient[row, column] < 0 ? -1 : 1
                    weight[row, column] = original[row, column] + step * sign
                }
            }
            defer { weight.assign(original) }
            var weighted = rows
            let counts = Dictionary(grouping: rows, by: \.unit).mapValues { Double($0.count) }
            for place in weighted.indices { weighted[place].weight = 1 / (counts[rows[place].unit] ?? 1) }
            return TinyModel.loss(weighted, model, nil)
        }
        let slope = (loss(1e-3) - loss(-1e-3)) / 2e-3
        #expect(abs(slope - score[index]) < 0.01 * score[index])
    }

    @Test func `a unit that writes a thousand messages weighs as much as any other`() throws {
        var rows = TinyModel.rows(64, shift: 0, seed: 1)
        let fair = measurement(rows)
        let heavy = TinyModel.rows(1000, shift: 9, seed: 5).map { row in
            var row = row
            row.unit = "heavy"
            return row
        }
        rows += heavy
        let loaded = measurement(rows)
        #expect(loaded.unitCount == fair.unitCount + 1)
        #expect(loaded.messageCount <= fair.messageCount + 8)
    }

    @Test func `the sample is limited, and the order of the rows does not matter`() throws {
        let rows = TinyModel.rows(200, shift: 0, seed: 1)
        let small = measurement(rows, most: 30)
        #expect(small.messageCount == 30 && small.unitCount == 17)
    }
}
