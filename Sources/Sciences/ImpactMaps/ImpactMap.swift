// Impact maps: which modules matter for a window of traffic, and what follows from that.
//
// 1. An engine measures a score for every linear module of the model, once for each fold of units (`ImpactMap`). A
//    score stands for how much the loss on this traffic falls when that module is tuned; only ratios of scores count.
// 2. A selection is made from the map under a budget of trained parameters (`ImpactMap+Selection`): greedy by impact
//    per parameter, so that a module that is large and merely decent does not displace two small good ones.
// 3. Later maps say what a recorded selection still captures of today's impact (`CapturedImpact`): its impact, divided
//    by that of the selection one would make today at the same budget. The latter is selected on one half of the
//    units and scored on the other, so that the winner's luck does not count; the interval is a jackknife over folds.
//
// Everything here is a pure function of its arguments; ties go by name.

/// Impact of every module on a window of traffic, with the scores of disjoint folds of units.
package struct ImpactMap: Equatable, Sendable {
    /// One linear map of the model, as it was measured.
    package struct Module: Equatable, Sendable {
        /// Module path below the checkpoint's `model.`, for example `layers.6.mlp.down_proj`.
        package var name: String
        /// Impact, at least 0; only ratios between modules of one map mean something.
        package var score: Double
        package var standardError: Double
        /// Score on each fold of units alone; every module of a map has as many.
        package var folds: [Double]
        /// Trained parameters per unit of rank: rows + columns of the module's weight.
        package var cost: Int

        package init(name: String, score: Double, standardError: Double, folds: [Double], cost: Int) {
            self.name = name
            self.score = score
            self.standardError = standardError
            self.folds = folds
            self.cost = cost
        }

        /// A module whose score is the mean of its folds, with the standard error of that mean (the delete-one
        /// jackknife of a mean is the same number).
        package init(name: String, folds: [Double], cost: Int) {
            let count = Double(folds.count)
            let mean = folds.reduce(0, +) / max(count, 1)
            let squares = folds.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            self.init(
                name: name, score: mean,
                standardError: folds.count > 1 ? (squares / (count * (count - 1))).squareRoot() : .infinity,
                folds: folds, cost: cost)
        }
    }

    package var modules: [Module]

    /// - Throws: `ImpactMapError` where modules are missing or repeated, a number is not finite or negative, a cost is
    ///   not positive, or modules differ in their number of folds.
    package init(modules: [Module]) throws(ImpactMapError) {
        guard let first = modules.first else { throw .empty }
        var names = Set<String>()
        for module in modules {
            guard names.insert(module.name).inserted else { throw .repeatedModule(module.name) }
            guard module.cost > 0 else { throw .invalid(module: module.name, reason: "its cost is \(module.cost)") }
            guard module.folds.count == first.folds.count else {
                throw .invalid(
                    module: module.name,
                    reason: "it has \(module.folds.count) folds where \(first.name) has \(first.folds.count)")
            }
            for value in [module.score] + module.folds where !(value.isFinite && value >= 0) {
                throw .invalid(module: module.name, reason: "a score is \(value); scores are finite and at least 0")
            }
        }
        self.modules = modules
    }

    /// Number of folds of units.
    package var foldCount: Int { modules[0].folds.count }
}

/// Why numbers are no impact map; each says it in a sentence.
package enum ImpactMapError: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case repeatedModule(String)
    case invalid(module: String, reason: String)

    package var description: String {
        switch self {
        case .empty: "An impact map names no module; measure it again on at least one message."
        case .repeatedModule(let name): "The impact map names module \(name) twice."
        case .invalid(let module, let reason): "The impact map is wrong at module \(module): \(reason)."
        }
    }
}
