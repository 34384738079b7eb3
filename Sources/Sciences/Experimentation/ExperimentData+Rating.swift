extension ExperimentData {
    /// A rating of an enrolled unit's interaction, on the goal's scale.
    package struct Rating: Equatable, Sendable {
        package var unit: String
        package var arm: Arm
        package var rater: String
        /// The interaction's place in the log.
        package var interaction: Int64
        /// In [0, 1].
        package var score: Double
        /// When it was given, in milliseconds, and its place in the log: of two by one rater the later counts.
        package var time: Int64
        package var sequence: Int64
        /// When it was received, in seconds since the experiment began.
        package var receivedSeconds: Double
        /// The place in the design of the metric whose scale it is on; nil: it is on the goal's.
        package var metric: Int?
        /// Whether a rater who is not the unit was not there before the experiment began.
        package var isByNewcomer: Bool

        package init(
            unit: String, arm: Arm, rater: String, interaction: Int64, score: Double, time: Int64, sequence: Int64,
            receivedSeconds: Double, isByNewcomer: Bool = false, metric: Int? = nil
        ) {
            self.unit = unit
            self.arm = arm
            self.rater = rater
            self.interaction = interaction
            self.score = score
            self.time = time
            self.sequence = sequence
            self.receivedSeconds = receivedSeconds
            self.isByNewcomer = isByNewcomer
            self.metric = metric
        }
    }
}
