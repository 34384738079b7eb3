import Experimentation
import Statistics
import Testing

@Suite("Experiment assignment")
struct ExperimentAssignmentTests {
    @Test("Raising the exposure enrols more units and moves none")
    func sticky() {
        let assignment = Assignment(salt: "e-1")
        for unit in (0..<2000).map({ "user-\($0)" }) {
            var before: Assignment.Group?
            for exposure in [0.01, 0.05, 0.25, 0.4, 0.5] {
                let group = assignment.group(of: unit, exposure: exposure)
                if let before { #expect(group == before) }
                before = group
            }
            #expect(before != nil, "everybody is enrolled at one half")
        }
    }

    @Test("Places are uniform, and independent between experiments")
    func uniform() {
        let count = 20_000
        var cells = [[Int]](repeating: [Int](repeating: 0, count: 8), count: 8)
        let first = Assignment(salt: "e-1")
        let second = Assignment(salt: "e-2")
        for number in 0..<count {
            let unit = "user-\(number)"
            cells[Int(first.place(of: unit) * 8)][Int(second.place(of: unit) * 8)] += 1
        }
        let expected = Double(count) / 64
        let statistic = cells.joined().reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
        // The hash is fixed, so this passes for ever or never; 1e-4 is the chance that a sound one had failed.
        #expect(ChiSquareDistribution.upperTail(statistic, degreesOfFreedom: 63) > 1e-4)
    }

    @Test("The place of a unit is the documented one")
    func documented() {
        // First 53 bits of SHA-256("s" 00 "u"), as sha256sum gives it.
        #expect(Assignment(salt: "s").place(of: "u") == Double(0xf30a_8c69_aa63_889b as UInt64 >> 11) * 0x1p-53)
    }
}
