import Experimentation

/// Who is answered by what, as a value: the gateway and OFREP read the newest table without asking the loop.
package struct ArmTable: Equatable, Sendable {
    /// What a unit gets, as OFREP names it: what serves, a candidate that is compared with it, or, after a promotion,
    /// what served before.
    package enum Variant: String, Sendable { case incumbent, candidate, holdback }

    /// What a unit was given by an operator instead of by chance.
    package enum Pin: Sendable { case candidate, incumbent }

    /// The answer for one unit.
    package struct Arm: Equatable, Sendable {
        package var variant: Variant
        /// Name that the server knows it by.
        package var servedName: String
        /// The experiment that the unit is enrolled in, and its arm there (`incumbent` or `candidate`).
        package var experiment: String?
        package var arm: String?
        package var exposure: Double?

        package init(
            variant: Variant, servedName: String, experiment: String? = nil, arm: String? = nil, exposure: Double? = nil
        ) {
            self.variant = variant
            self.servedName = servedName
            self.experiment = experiment
            self.arm = arm
            self.exposure = exposure
        }
    }

    /// A comparison under way.
    package struct Comparison: Equatable, Sendable {
        package var experiment: String
        package var salt: String
        /// Share of the units in each arm.
        package var exposure: Double
        /// Served names of both arms.
        package var incumbent: String
        package var candidate: String
        /// After a promotion: the `incumbent` arm is what is held back, the `candidate` arm what everybody gets.
        package var isHoldBack: Bool
    }

    /// Served name of what every unit outside a comparison gets.
    package var served: String
    /// Served name of the base model.
    package var base: String
    package var comparison: Comparison?
    /// Version of the served adapter; 0 for the base.
    package var version: Int
    /// Whether `served` only stands in for what shall serve, since the server was not seen to hold that.
    package var isStandIn = false
    /// Whether that may be over in a moment: the server, or this process, has just begun.
    package var isSettling = false

    package init(served: String, base: String, comparison: Comparison? = nil, version: Int) {
        self.served = served
        self.base = base
        self.comparison = comparison
        self.version = version
    }

    /// The arm of a unit (its pseudonym); without a unit what everybody gets.
    package func arm(of unit: String?) -> Arm {
        guard let comparison, let unit else { return Arm(variant: .incumbent, servedName: served) }
        switch Assignment(salt: comparison.salt).group(of: unit, exposure: comparison.exposure) {
        case .candidate: return arm(named: comparison.isHoldBack ? "incumbent" : "candidate", of: comparison)
        case .control: return arm(named: comparison.isHoldBack ? "candidate" : "incumbent", of: comparison)
        case .none: return Arm(variant: .incumbent, servedName: served)
        }
    }

    /// What a pinned unit gets: the candidate while it is compared, or what serves. It takes part in no comparison, and is
    /// never held back after a promotion.
    package func arm(pinnedTo pin: Pin) -> Arm {
        guard pin == .candidate, let comparison, !comparison.isHoldBack else {
            return Arm(variant: .incumbent, servedName: served)
        }
        return Arm(variant: .candidate, servedName: comparison.candidate)
    }

    /// An arm of the comparison by its name in the log (`incumbent` or `candidate`), for a unit that is enrolled there.
    package func arm(named name: String, of comparison: Comparison) -> Arm {
        let isCandidate = name == "candidate"
        let variant: Variant =
            switch (isCandidate, comparison.isHoldBack) {
            case (true, false): .candidate
            case (false, true): .holdback
            case (true, true), (false, false): .incumbent
            }
        return Arm(
            variant: variant, servedName: isCandidate ? comparison.candidate : comparison.incumbent,
            experiment: comparison.experiment, arm: name, exposure: comparison.exposure)
    }

    /// Whether the server may be asked for this name: a conversation's adapter that is gone falls back to `served`.
    package func isServed(_ name: String) -> Bool {
        name == served || name == base || name == comparison?.incumbent || name == comparison?.candidate
    }
}
