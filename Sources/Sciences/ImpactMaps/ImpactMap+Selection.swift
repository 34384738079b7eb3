/// What a selection may use.
package struct SelectionBudget: Equatable, Sendable {
    /// Most trained parameters, Σ rank · cost over the selected modules.
    package var parameters: Int
    /// Largest rank of one module.
    package var maximumRank: Int
    /// Rank given to a module that is selected while others wait; 1 up to `maximumRank`.
    package var defaultRank: Int

    package init(parameters: Int, maximumRank: Int, defaultRank: Int) {
        precondition(defaultRank >= 1 && maximumRank >= defaultRank, "ranks are 1 ≤ default ≤ maximum")
        self.parameters = parameters
        self.maximumRank = maximumRank
        self.defaultRank = defaultRank
    }
}

/// A module of a selection, with the rank of its new factors.
package struct SelectedModule: Hashable, Sendable {
    package var name: String
    package var rank: Int

    package init(name: String, rank: Int) {
        self.name = name
        self.rank = rank
    }
}

extension ImpactMap {
    /// The modules to tune under a budget, in the order of the map.
    ///
    /// The rule, greedy by impact per trained parameter (score ÷ cost, ties by name):
    /// 1. Go through the modules from the best; each that still fits at the default rank gets it, one that does not is
    ///    passed over and smaller ones after it may still fit.
    /// 2. If not one fitted, the best module gets the largest rank that the budget allows (maybe none at all).
    /// 3. If all fitted, what is left raises ranks towards the maximum, from the best module on.
    ///
    /// A module with score 0 is never selected.
    package func selection(under budget: SelectionBudget) -> [SelectedModule] {
        selection(scores: modules.map(\.score), budget: budget)
    }

    /// The same rule for other scores of the same modules, for example of some folds only.
    func selection(scores: [Double], budget: SelectionBudget) -> [SelectedModule] {
        let order = modules.indices.filter { scores[$0] > 0 }.sorted { left, right in
            let (leftRate, rightRate) = (
                scores[left] / Double(modules[left].cost), scores[right] / Double(modules[right].cost)
            )
            return leftRate != rightRate ? leftRate > rightRate : modules[left].name < modules[right].name
        }
        var ranks = [Int](repeating: 0, count: modules.count)
        var left = budget.parameters
        for index in order where modules[index].cost * budget.defaultRank <= left {
            ranks[index] = budget.defaultRank
            left -= modules[index].cost * budget.defaultRank
        }
        if let best = order.first, ranks.allSatisfy({ $0 == 0 }) {
            ranks[best] = max(0, min(budget.maximumRank, left / modules[best].cost))
        } else if order.allSatisfy({ ranks[$0] > 0 }) {
            for index in order {
                let more = min(budget.maximumRank - ranks[index], left / modules[index].cost)
                ranks[index] += more
                left -= more * modules[index].cost
            }
        }
        return modules.indices.filter { ranks[$0] > 0 }.map {
            SelectedModule(name: modules[$0].name, rank: ranks[$0])
        }
    }

    /// Trained parameters of a selection: Σ rank · cost. Modules that the map does not know count as nothing.
    package func parameters(of selection: [SelectedModule]) -> Int {
        let costs = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.cost) })
        return selection.reduce(0) { $0 + $1.rank * (costs[$1.name] ?? 0) }
    }

    /// Impact of a selection on given scores: Σ score · min(1, rank ÷ default rank). A rank above the default adds
    /// nothing, one below it counts in proportion.
    func impact(of selection: [SelectedModule], scores: [Double], defaultRank: Int) -> Double {
        let ranks = Dictionary(selection.map { ($0.name, $0.rank) }, uniquingKeysWith: max)
        var sum = 0.0
        for (index, module) in modules.enumerated() {
            guard let rank = ranks[module.name] else { continue }
            sum += scores[index] * min(1, Double(rank) / Double(defaultRank))
        }
        return sum
    }

    /// The same choice turned round: what `selection(under:)` gives when the least impact per parameter is the best.
    /// It is what a test or a comparison trains to show that the choice of modules is obeyed, and what it is worth.
    package func invertedSelection(under budget: SelectionBudget) -> [SelectedModule] {
        let inverted = modules.map { module in
            module.score > 0 ? Double(module.cost) * Double(module.cost) / module.score : 0
        }
        return selection(scores: inverted, budget: budget)
    }
}
