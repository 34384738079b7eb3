// Experiments: incumbent against candidate on live traffic, decided without being fooled by looking often.
//
// 1. A unit's place is a hash of (salt, unit), uniform in [0, 1) (`Assignment`). At exposure e the lowest e of the units
//    are enrolled as candidate and the highest e as control; raising e enrols more units and moves none.
// 2. At each look the counting ratings of enrolled units give, by arm, Σ scores ÷ Σ ratings, with a variance that takes
//    the unit as the cluster (`ArmSummary`).
// 3. Promotion asks an asymptotic confidence sequence of the difference (`ConfidenceSequence`), which holds at all looks
//    together. Harm asks a betting game on pairs of units, valid from the first pair (`HarmGame`), and after the burn-in
//    the sequence too.
// 4. Sample ratios of assignments and of who rates are tested sequentially (`SampleRatioTest`); guardrails are one-sided
//    sequences of their own.
// 5. `Experiment` puts it together: a function of (design, assignments, ratings up to the look) and the step of the ramp.
//    `docs/experiments.md` gives every formula, so that an outside program works each look out again.

import Crypto

/// The deterministic place of units in an experiment.
package struct Assignment: Equatable, Sendable {
    /// The side on which an enrolled unit stands; both have the same share of the units.
    package enum Group: Equatable, Sendable { case candidate, control }

    /// Text that makes the hash of this experiment independent of every other's.
    package let salt: String

    package init(salt: String) {
        self.salt = salt
    }

    /// Uniform in [0, 1): the first 53 bits of SHA-256 over salt, a zero byte and the unit.
    package func place(of unit: String) -> Double {
        var hash = SHA256()
        hash.update(data: Array(salt.utf8))
        hash.update(data: [0])
        hash.update(data: Array(unit.utf8))
        var bits: UInt64 = 0
        for byte in hash.finalize().prefix(8) { bits = bits << 8 | UInt64(byte) }
        return Double(bits >> 11) * 0x1p-53
    }

    /// The group at an exposure in (0, 0.5]; nil: not enrolled.
    package func group(of unit: String, exposure: Double) -> Group? {
        let place = place(of: unit)
        if place < exposure { return .candidate }
        if place >= 1 - exposure { return .control }
        return nil
    }
}
