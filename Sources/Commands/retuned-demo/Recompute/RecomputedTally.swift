import Glibc

/// Of how many units something bad is the last that they met.
struct RecomputedTally: Sendable {
    var units: Int
    var bad: Int

    init(_ isBad: [Bool]) {
        units = isBad.count
        bad = isBad.count { $0 }
    }

    /// Fisher's exact test, one-sided: whether this arm has more of the bad ones than chance gives it at the look with that
    /// number, from 1, where all looks together err with `alpha`.
    func isWorse(than control: Self, alpha: Double, look: Int) -> Bool {
        guard bad * control.units > control.bad * units else { return false }
        let (all, allBad) = (units + control.units, bad + control.bad)
        var factorials = [0.0]
        for number in 1...all { factorials.append(factorials[number - 1] + log(Double(number))) }
        func ways(_ of: Int, _ number: Int) -> Double { factorials[of] - factorials[number] - factorials[of - number] }
        let chance = (bad...min(units, allBad)).reduce(0.0) { sum, number in
            sum + exp(ways(units, number) + ways(control.units, allBad - number) - ways(all, allBad))
        }
        let next = Double(look + 1)
        return chance <= alpha / (2.11 * next * log(next) * log(next))
    }
}
