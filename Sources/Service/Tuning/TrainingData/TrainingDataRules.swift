package import Contracts
package import Traffic
package import Values

/// Which interactions may teach, and how they are weighed.
package struct TrainingDataRules: Equatable, Sendable {
    /// Traffic from here on is recent; everything before is old.
    package var recentFrom: Timestamp
    /// Old traffic from here on gives half of the replayed rows, all before it the other half.
    package var nearFrom: Timestamp
    /// Scales of the deployment by name: what counts as good and bad.
    package var scales: [String: RatingScale]
    /// Name of the scale that decides.
    package var goal: String
    /// Share of the units that are held out.
    package var heldoutShare: Double
    /// Share of the training rows, and of their weight, that is older traffic.
    package var replayShare: Double
    package var rowsPerUnit: Int
    package var rowsPerRater: Int
    package var maximumRows: Int
    /// Most of the recent training rows whose answer the model wrote itself, as a share.
    package var ownAnswersShare: Double
    /// Whether bad answers without a correction are rows too (for KTO).
    package var keepsUndesirable: Bool
    /// Messages of the golden set: who asks the same teaches nothing.
    package var golden: Set<[TrainingExample.Message]>
    package var seed: UInt64

    package init(
        recentFrom: Timestamp, nearFrom: Timestamp, scales: [String: RatingScale], goal: String, heldoutShare: Double,
        replayShare: Double,
        rowsPerUnit: Int, rowsPerRater: Int, maximumRows: Int, ownAnswersShare: Double,
        keepsUndesirable: Bool, golden: Set<[TrainingExample.Message]> = [], seed: UInt64
    ) {
        self.recentFrom = recentFrom
        self.nearFrom = nearFrom
        self.scales = scales
        self.goal = goal
        self.heldoutShare = heldoutShare
        self.replayShare = replayShare
        self.rowsPerUnit = rowsPerUnit
        self.rowsPerRater = rowsPerRater
        self.maximumRows = maximumRows
        self.ownAnswersShare = ownAnswersShare
        self.keepsUndesirable = keepsUndesirable
        self.golden = golden
        self.seed = seed
    }

    /// Most that a correction may count for; beyond it few corrections would speak for too many unknown answers.
    static let largestWeight = 10.0
    /// Most that the weights of replayed rows are raised by to hold their share.
    static let largestReplayFactor = 4.0
    /// Most that identical rows count for together.
    static let largestMultiplicity = 5
}
