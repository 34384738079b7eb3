package import ImpactMaps
import Tensors
package import Transformer

// Impact of every linear map by the magnitude of its gradient.
//
// 1. Rows are sampled unit by unit in turn (each unit's first row, then each unit's second, …), at most eight a unit and
//    at most as many as asked, so that a unit that writes much does not drown the others.
// 2. Units are hashed to folds. Within a fold every unit weighs the same, whatever it wrote; a row's own weight counts
//    up to four times the mean.
// 3. For each fold: ḡ = gradient of the mean loss with respect to every linear map's weight, and Σ|ḡ| over its numbers
//    is the module's score. On a real model this predicts what tuning a module alone is worth about as well as any
//    first-order score, and better than the gradient's norm.
// 4. A module's score is the mean over folds; its standard error is the folds' jackknife.
//
// It costs one full backward pass over the sample, a small part of a training that sees every row several times.

/// Measures an impact map fold by fold.
package struct ImpactMeasurement {
    /// Most rows of one unit.
    static let mostRowsOfUnit = 8
    /// Most weight of a row, in mean weights.
    static let mostWeight = 4.0

    private let model: Model
    private let frozen: LowRankAdapter?
    private let pieceTokens: Int
    private let folds: [[(row: TrainingRow, weight: Double)]]
    /// Units that rows were taken from.
    package let unitCount: Int

    /// - Parameters:
    ///   - frozen: the adapter that serves now.
    ///   - rows: rows with desirable answers; at least one.
    ///   - foldCount: folds asked for; those that no unit falls into are left out.
    package init(
        model: Model, frozen: LowRankAdapter?, rows: [TrainingRow], maximumMessages: Int, foldCount: Int,
        pieceTokens: Int
    ) {
        self.model = model
        self.frozen = frozen
        self.pieceTokens = pieceTokens
        let sample = Self.sample(rows, most: maximumMessages)
        let mean = max(1e-12, rows.reduce(0) { $0 + $1.weight } / Double(max(1, rows.count)))
        var folds = [[(row: TrainingRow, weight: Double)]](repeating: [], count: foldCount)
        for unit in sample {
            let share = 1 / Double(unit.rows.count)
            folds[Self.fold(of: unit.name, count: foldCount)] += unit.rows.map { row in
                (row, share * min(row.weight / mean, Self.mostWeight))
            }
        }
        self.folds = folds.filter { !$0.isEmpty }
        unitCount = sample.count
    }

    package var foldCount: Int { folds.count }
    package var messageCount: Int { folds.reduce(0) { $0 + $1.count } }

    /// Buffers for `scores`; as many numbers as all linear maps have.
    package func makeGradients() -> Gradients {
        Gradients(for: Trainables.weights(of: model.configuration.modules), of: model)
    }

    /// Scores of one fold, in the order of `ModelConfiguration.modules`.
    /// - Parameter check: called between passes; what it throws is thrown.
    package func scores(
        fold: Int, gradients: Gradients, workspace: Workspace, check: () throws -> Void
    ) throws -> [Double] {
        let rows = folds[fold]
        let total = rows.reduce(0) { $0 + $1.weight }
        let lengths = rows.map(\.row.tokenCount)
        gradients.reset()
        for piece in BatchPlan.inOrder(lengths: lengths, most: pieceTokens) {
            try check()
            let batch = PackedBatch(
                piece.map { index in
                    let (row, weight) = rows[index]
                    return row.sequence(tokenWeight: Float(weight / total / Double(row.scoredCount)))
                })
            _ = model.gradients(
                of: batch, frozen: frozen, trainables: Trainables.weights(of: model.configuration.modules),
                into: gradients, workspace: workspace)
        }
        return model.configuration.modules.map { gradients.weights[$0.weightName]?.sumOfMagnitudes ?? 0 }
    }

    /// The map from all folds' scores.
    /// - Throws: `ImpactMapError` where a score is not finite.
    package func map(folds scores: [[Double]]) throws(ImpactMapError) -> ImpactMap {
        try ImpactMap(
            modules: model.configuration.modules.enumerated().map { index, path in
                let shape = model.configuration.shape(of: path.projection)
                return ImpactMap.Module(
                    name: path.description, folds: scores.map { $0[index] }, cost: shape.outputs + shape.inputs)
            })
    }

    // MARK: The sample

    private struct UnitRows {
        var name: String
        var rows: [TrainingRow]
    }

    /// Units in the order of a hash of their names, each with its share of the sample.
    private static func sample(_ rows: [TrainingRow], most: Int) -> [UnitRows] {
        var byUnit: [String: [TrainingRow]] = [:]
        for row in rows { byUnit[row.unit, default: []].append(row) }
        let names = byUnit.keys.sorted { left, right in
            let (leftHash, rightHash) = (hash(left), hash(right))
            return leftHash != rightHash ? leftHash < rightHash : left < right
        }
        var taken = [Int](repeating: 0, count: names.count)
        var left = most
        for round in 0..<mostRowsOfUnit {
            for (index, name) in names.enumerated() where left > 0 && (byUnit[name]?.count ?? 0) > round {
                taken[index] = round + 1
                left -= 1
            }
        }
        return names.enumerated().compactMap { index, name in
            taken[index] == 0 ? nil : UnitRows(name: name, rows: Array((byUnit[name] ?? []).prefix(taken[index])))
        }
    }

    /// The fold of a unit: the same in every window, so that a unit never changes sides.
    static func fold(of unit: String, count: Int) -> Int {
        Int((hash(unit) >> 32).multipliedFullWidth(by: UInt64(count) << 32).high)
    }

    /// FNV-1a, then SplitMix64's finish, so that short names spread.
    private static func hash(_ name: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
