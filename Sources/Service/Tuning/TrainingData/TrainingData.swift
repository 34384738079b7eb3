package import Contracts

/// The rows of a job folder, and what was left out and why.
///
/// How rows are made (`TrainingData+Assembly.swift`):
///
/// 1. A row teaches when its messages are text, it is no error, and its right answer is known: the counting correction
///    where there is one, else the response where most raters called it good. A bad answer without a correction is
///    kept as undesirable (KTO only).
/// 2. Each unit and each rater gives at most a fixed number of rows, chosen by a seeded hash; rows that are mostly
///    placeholder do not teach.
/// 3. Thumbs-up answers are the model's own words, and only some bad answers carry a correction, so a correction is
///    weighed by (bad ratings) ÷ (bad ratings with a correction) of its time, at most 10.
/// 4. Units are split once, by a seeded hash: held-out units give `heldout` (recent) and `old` (older) rows, the other
///    units `train` (recent, and older ones as replay). No unit stands on both sides.
/// 5. A row whose messages stand in the golden set does not teach: that set is what nobody may learn by heart.
/// 6. Replayed rows are `replayShare` of the training rows, and weighed so that they hold that share of the loss too.
///    Half of them are of the last weeks before the new traffic, so that what was learnt last is not lost first. One half
///    of either is taken as it came, the other from the answers that the fewest rows have: those are lost first (of the
///    old answers that a training of a mild shift lost, nearly half were of four intents with none to two replayed rows each).
/// 7. Identical rows of a set collapse into one, whose weight is the sum of at most five.
package struct TrainingData: Equatable, Sendable {
    /// An example and what it descends from.
    package struct Row: Equatable, Sendable {
        package var example: TrainingExample
        package var interaction: String
        package var rating: String?
        package var isReplay: Bool
        package var isCorrection: Bool

        package init(
            example: TrainingExample, interaction: String, rating: String?, isReplay: Bool, isCorrection: Bool
        ) {
            self.example = example
            self.interaction = interaction
            self.rating = rating
            self.isReplay = isReplay
            self.isCorrection = isCorrection
        }
    }

    package var train: [Row] = []
    package var heldout: [Row] = []
    package var old: [Row] = []
    package var report = DataReport()

    package init() {}
}

/// Counts of what was used and what was left out.
package struct DataReport: Codable, Equatable, Sendable {
    package var interactions = 0
    package var rated = 0
    package var recentRated = 0
    package var recentGood = 0
    package var recentBad = 0
    package var recentCorrections = 0
    package var oldRated = 0
    /// Training rows with an answer to learn; `undesirable` ones come on top.
    package var train = 0
    package var replay = 0
    package var trainCorrections = 0
    package var heldout = 0
    package var heldoutCorrections = 0
    package var old = 0
    package var undesirable = 0
    package var units = 0
    /// Left out: not text, an error or no answer.
    package var unteachable = 0
    package var overUnitCap = 0
    package var overRaterCap = 0
    package var mostlyRedacted = 0
    /// Rows of training units that ask what the golden set asks.
    package var golden = 0
    package var duplicates = 0
    /// Thumbs-up rows dropped to keep the model's own answers under their share.
    package var ownAnswersDropped = 0
    /// Held-out rows whose messages also stand in the training set (common phrases; said, not hidden).
    package var heldoutSeenInTraining = 0
    /// Weight of a recent correction.
    package var correctionWeight = 1.0

    package init() {}
}
