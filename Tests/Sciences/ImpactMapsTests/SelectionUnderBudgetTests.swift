import ImpactMaps
import Testing

@Suite("Impact: selection under a budget")
struct SelectionUnderBudgetTests {
    func map(_ modules: [(String, Double, Int)]) throws -> ImpactMap {
        try ImpactMap(modules: modules.map { ImpactMap.Module(name: $0.0, folds: [$0.1, $0.1], cost: $0.2) })
    }

    @Test func `goes by impact per parameter and passes over what does not fit`() throws {
        let map = try map([("large", 100, 1000), ("small", 30, 100), ("middle", 40, 200), ("poor", 1, 100)])
        let chosen = map.selection(under: SelectionBudget(parameters: 1000, maximumRank: 8, defaultRank: 2))
        // Rates 0.1, 0.3, 0.2, 0.01: small, middle, then large does not fit, poor does.
        #expect(
            chosen == [
                SelectedModule(name: "small", rank: 2), SelectedModule(name: "middle", rank: 2),
                SelectedModule(name: "poor", rank: 2),
            ])
        #expect(map.parameters(of: chosen) == 800)
    }

    @Test func `one module at the largest rank that fits where none fits at the default rank`() throws {
        let map = try map([("a", 10, 100), ("b", 20, 100)])
        let budget = SelectionBudget(parameters: 399, maximumRank: 16, defaultRank: 4)
        #expect(map.selection(under: budget) == [SelectedModule(name: "b", rank: 3)])
        #expect(map.selection(under: SelectionBudget(parameters: 99, maximumRank: 4, defaultRank: 4)).isEmpty)
    }

    @Test func `what is left raises ranks when all modules are in`() throws {
        let map = try map([("a", 10, 100), ("b", 20, 100)])
        let chosen = map.selection(under: SelectionBudget(parameters: 1350, maximumRank: 8, defaultRank: 4))
        #expect(chosen == [SelectedModule(name: "a", rank: 5), SelectedModule(name: "b", rank: 8)])
    }

    @Test func `ties go by name, whatever the order of the map`() throws {
        let budget = SelectionBudget(parameters: 400, maximumRank: 4, defaultRank: 4)
        for modules in [[("b", 1.0, 100), ("a", 1.0, 100)], [("a", 1.0, 100), ("b", 1.0, 100)]] {
            #expect(try map(modules).selection(under: budget) == [SelectedModule(name: "a", rank: 4)])
        }
    }

    @Test func `never over the budget, never over the rank, and inverted is disjoint`() throws {
        var generator = SplitMix(state: 1)
        for _ in 0..<200 {
            let map = try SimulatedTraffic(layers: 8, generator: &generator).map(
                folds: 4, noise: 0.3, generator: &generator)
            let budget = SelectionBudget(
                parameters: Int(generator.next() % 200_000), maximumRank: 16, defaultRank: 4)
            let chosen = map.selection(under: budget)
            #expect(map.parameters(of: chosen) <= budget.parameters)
            #expect(chosen.allSatisfy { (1...16).contains($0.rank) })
            if budget.parameters < 60_000 {
                let inverted = map.invertedSelection(under: budget)
                #expect(map.parameters(of: inverted) <= budget.parameters)
                #expect(Set(inverted.map(\.name)).isDisjoint(with: chosen.map(\.name)))
            }
        }
    }

    @Test func `a wrong map is refused with the module's name`() {
        #expect(throws: ImpactMapError.empty) { try ImpactMap(modules: []) }
        #expect(throws: ImpactMapError.repeatedModule("a")) { try map([("a", 1, 1), ("a", 1, 1)]) }
        #expect(throws: ImpactMapError.self) { try map([("a", .nan, 1)]) }
        #expect(throws: ImpactMapError.self) { try map([("a", 1, 0)]) }
        #expect(throws: ImpactMapError.self) {
            try ImpactMap(modules: [
                ImpactMap.Module(name: "a", folds: [1], cost: 1), ImpactMap.Module(name: "b", folds: [1, 2], cost: 1),
            ])
        }
    }

    @Test func `the score is the mean of the folds with the jackknife's error`() {
        let module = ImpactMap.Module(name: "a", folds: [1, 2, 3, 6], cost: 1)
        #expect(module.score == 3)
        // Delete-one means 11/3, 10/3, 3, 2; (n−1)/n Σ (mean − 3)² = ¾ · (4/9 + 1/9 + 0 + 1) = 7/6.
        #expect(abs(module.standardError - (7.0 / 6).squareRoot()) < 1e-12)
    }
}
