package import Values

/// An experiment with everything that its decision rests on.
package struct ExperimentView: Codable, Equatable, Sendable {
    package var id: String
    package var deployment: String
    package var cycle: String
    package var state: ExperimentState
    /// Absent: the base model alone.
    package var incumbent: String?
    package var candidate: String
    package var started: Timestamp
    package var ended: Timestamp?
    package var arms: [ArmView]
    /// The scale that decides.
    package var goal: String
    /// Error probability of the promotion's confidence sequence.
    package var alpha: Double
    /// Error probability of stopping for harm.
    package var harmAlpha: Double
    /// Parameter of the confidence sequence: where it is tightest.
    package var tuning: Double
    package var minimumEffect: Double
    package var design: DesignView
    /// Of the assignment by hash.
    package var salt: String
    /// Share of the units in each arm, in percent.
    package var exposure: Double
    /// Step of the ramp, from 1.
    package var step: Int
    package var ramp: [RampStepView]
    package var looks: [LookView]
    package var guardrails: [GuardrailView]
    package var sampleRatio: SampleRatioView
    /// `promote`, `stopForHarm`, …; absent while it runs.
    package var decision: String?
    package var reason: String?
    /// What is waited for.
    package var next: String?
    /// Absent once it has ended.
    package var daysLeft: DaysLeftView?
    /// Who holds the ramp; absent: nobody.
    package var heldBy: String?
    /// In which newcomers are set aside, in the order of time; absent: none.
    package var bursts: [BurstView]?
    /// How difficult the first queries are; absent where that is not asked, or no longer.
    package var difficulty: DifficultyView?
    /// As the configuration has it now; absent: nobody is.
    package var pinned: PinnedView?

    package init(
        id: String, deployment: String, cycle: String, state: ExperimentState, incumbent: String? = nil,
        candidate: String, started: Timestamp, ended: Timestamp? = nil, arms: [ArmView], goal: String, alpha: Double,
        harmAlpha: Double, tuning: Double, minimumEffect: Double, design: DesignView, salt: String, exposure: Double,
        step: Int,
        ramp: [RampStepView], looks: [LookView], guardrails: [GuardrailView], sampleRatio: SampleRatioView,
        decision: String? = nil, reason: String? = nil, next: String? = nil, daysLeft: DaysLeftView? = nil,
        heldBy: String? = nil, bursts: [BurstView]? = nil, difficulty: DifficultyView? = nil, pinned: PinnedView? = nil
    ) {
        self.id = id
        self.deployment = deployment
        self.cycle = cycle
        self.state = state
        self.incumbent = incumbent
        self.candidate = candidate
        self.started = started
        self.ended = ended
        self.arms = arms
        self.goal = goal
        self.alpha = alpha
        self.harmAlpha = harmAlpha
        self.tuning = tuning
        self.minimumEffect = minimumEffect
        self.design = design
        self.salt = salt
        self.exposure = exposure
        self.step = step
        self.ramp = ramp
        self.looks = looks
        self.guardrails = guardrails
        self.sampleRatio = sampleRatio
        self.decision = decision
        self.reason = reason
        self.next = next
        self.daysLeft = daysLeft
        self.heldBy = heldBy
        self.bursts = bursts
        self.difficulty = difficulty
        self.pinned = pinned
    }
}

/// How long an experiment may still take, in days of its deployment.
package struct DaysLeftView: Codable, Equatable, Sendable {
    /// When it ends at the latest.
    package var until: Timestamp
    /// From its last look until then.
    package var longest: Double
    /// From its last look until the candidate is promoted, if the difference and the traffic stay what they are; absent where
    /// that cannot be said.
    package var expected: Double?

    package init(until: Timestamp, longest: Double, expected: Double? = nil) {
        self.until = until
        self.longest = longest
        self.expected = expected
    }
}
