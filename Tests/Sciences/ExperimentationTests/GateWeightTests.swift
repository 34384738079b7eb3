import Experimentation
import Statistics
import Testing

@Suite("Offline gate: old rows are weighed")
struct GateWeightTests {
    private let gate = Gate(margin: 0.03, leastOldRows: 1000, comparesText: false, seed: 1)

    private func row(_ number: Int, weight: Double = 1, before: Bool = true, after: Bool = true) -> Gate.Row {
        Gate.Row(
            unit: "u\(number % 80)", weight: weight, incumbent: -1, candidate: -0.5, tokens: 2,
            incumbentIsRight: before, candidateIsRight: after)
    }

    /// 1,200 rated rows of which the incumbent had 90 % right; `corrected` of its mistakes carry a correction, which
    /// counts for all of them. The candidate loses a tenth of what was right and mends as many mistakes.
    private func old(corrected: Double) -> [Gate.Row] {
        var random = SeededGenerator(seed: 3)
        var rows: [Gate.Row] = []
        while rows.count < 1200 {
            if random.chance(0.9) {
                rows.append(row(rows.count, after: !random.chance(0.1)))
            } else if random.chance(corrected) {
                rows.append(row(rows.count, weight: 1 / corrected, before: false, after: random.chance(0.9)))
            }
        }
        return rows
    }

    @Test(
        "What the candidate mends on old traffic counts for the mistakes that nobody corrected",
        arguments: [1, 0.5, 0.25])
    func weights(corrected: Double) throws {
        let recent = (0..<200).map { row($0) }
        let report = gate.judge(recent: recent, old: old(corrected: corrected), golden: [])
        let difference = try #require(report.old)
        // Truly nothing changes; the estimate of 1,200 rows has a standard error of 0.012 to 0.02.
        #expect(abs(difference.estimate) < 0.05)
        #expect(difference.lower < difference.estimate)
        #expect(abs(difference.incumbent - 0.9) < 0.05)
    }
}
