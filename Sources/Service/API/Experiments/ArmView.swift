/// One side of an experiment.
package struct ArmView: Codable, Equatable, Sendable {
    /// `incumbent`, `candidate` or `holdback`.
    package var arm: String
    package var adapter: String?
    package var units: Int
    /// Units with at least one rating on the goal's scale.
    package var rated: Int
    package var mean: Double?
    /// Lower and upper end.
    package var interval: [Double]?
    /// Absent: none.
    package var aside: AsideView?
    /// Absent: none.
    package var waiting: WaitingView?
    /// Units that were seen in both arms, and are left out of everything but `units`; absent: none.
    package var inBothArms: Int?
    /// Units whose last request failed; absent: none.
    package var failing: Int?

    package init(
        arm: String, adapter: String? = nil, units: Int, rated: Int, mean: Double? = nil, interval: [Double]? = nil,
        aside: AsideView? = nil, waiting: WaitingView? = nil, inBothArms: Int? = nil, failing: Int? = nil
    ) {
        self.arm = arm
        self.adapter = adapter
        self.units = units
        self.rated = rated
        self.mean = mean
        self.interval = interval
        self.aside = aside
        self.waiting = waiting
        self.inBothArms = inBothArms
        self.failing = failing
    }
}
