import Experimentation
import Testing

@Suite("Experiment budget of false promotions")
struct PromotionBudgetTests {
    @Test("Any year spends no more than the budget, and no experiment finds nothing left", arguments: [1.0, 7, 30, 90])
    func spending(days: Double) {
        var begun: [(day: Double, alpha: Double)] = []
        var day = 0.0
        while day < 5 * 365 {
            let earlier = begun.filter { $0.day > day - 365 }.map(\.alpha)
            let alpha = PromotionBudget.alpha(wanted: 0.05, earlier: earlier, budget: 0.5)
            #expect(alpha > 0 && alpha <= 0.05)
            begun.append((day, alpha))
            let spent = begun.filter { $0.day > day - 365 }.reduce(0) { $0 + $1.alpha / 2 }
            // What is spent where nothing is left is far below what rounding could show.
            #expect(spent <= 0.5 + 1e-9)
            day += days
        }
        // The first has all that it asks for; once a quarter is hardly a reason for caution, once a day is.
        #expect(begun.first?.alpha == 0.05)
        if days == 90 { #expect(begun.allSatisfy { $0.alpha > 0.04 }) }
        if days == 1 { #expect(begun.last.map { $0.alpha < 0.005 } == true) }
    }
}
