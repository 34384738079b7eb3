import ImpactMaps
import Testing

@Suite("Impact: captured impact and staleness")
struct CapturedImpactTests {
    let budget = SelectionBudget(parameters: 75_000, maximumRank: 16, defaultRank: 4)

    /// 200 worlds of unchanged traffic: an interval of 95 % should miss 1 in ten of them; allowed are 18 (9 %, which a
    /// true rate of 5 % exceeds once in 200 runs), since the rival's half sample lifts C a little above 1 and eight
    /// folds make the jackknife's error itself a guess. None may be called stale.
    @Test(arguments: [0.05, 0.2, 0.5])
    func `on unchanged traffic C is 1 within its interval`(noise: Double) throws {
        var generator = SplitMix(state: 7)
        var missed = 0
        var stale = 0
        var mean = 0.0
        for _ in 0..<200 {
            let traffic = SimulatedTraffic(layers: 8, generator: &generator)
            let recorded = try traffic.map(folds: 8, noise: noise, generator: &generator).selection(under: budget)
            let today = try traffic.map(folds: 8, noise: noise, generator: &generator)
            let captured = try #require(CapturedImpact.measure(recorded, on: today, budget: budget))
            if captured.lower > 1 || captured.upper < 1 { missed += 1 }
            if captured.isStale() { stale += 1 }
            mean += captured.ratio / 200
        }
        #expect(missed <= 18, "missed \(missed) of 200, mean \(mean)")
        #expect(stale == 0)
        #expect(abs(mean - 1) < 0.05)
    }

    @Test func `an inverted selection is clearly stale`() throws {
        var generator = SplitMix(state: 11)
        for _ in 0..<100 {
            let traffic = SimulatedTraffic(layers: 8, generator: &generator)
            let recorded = try traffic.map(folds: 8, noise: 0.2, generator: &generator)
                .invertedSelection(under: budget)
            let today = try traffic.map(folds: 8, noise: 0.2, generator: &generator)
            let captured = try #require(CapturedImpact.measure(recorded, on: today, budget: budget))
            #expect(captured.isStale())
            #expect(captured.leftOnTable > 0.3)
            #expect(captured.lower <= captured.ratio && captured.ratio <= captured.upper)
        }
    }

    @Test func `no selection, one over the budget and too few folds give nothing`() throws {
        var generator = SplitMix(state: 3)
        let traffic = SimulatedTraffic(layers: 8, generator: &generator)
        let map = try traffic.map(folds: 8, noise: 0.2, generator: &generator)
        #expect(CapturedImpact.measure([], on: map, budget: budget) == nil)
        let everything = map.modules.map { SelectedModule(name: $0.name, rank: 16) }
        #expect(CapturedImpact.measure(everything, on: map, budget: budget) == nil)
        let few = try traffic.map(folds: 3, noise: 0.2, generator: &generator)
        #expect(CapturedImpact.measure(map.selection(under: budget), on: few, budget: budget) == nil)
    }

    @Test func `the same arguments give the same numbers, and many folds are merged`() throws {
        var generator = SplitMix(state: 5)
        let traffic = SimulatedTraffic(layers: 4, generator: &generator)
        let map = try traffic.map(folds: 40, noise: 0.2, generator: &generator)
        let selection = map.selection(under: budget)
        let first = CapturedImpact.measure(selection, on: map, budget: budget)
        #expect(first != nil)
        #expect(first == CapturedImpact.measure(selection, on: map, budget: budget))
    }
}
