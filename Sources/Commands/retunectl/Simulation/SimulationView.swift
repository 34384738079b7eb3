/// What `retunectl ab simulate` says (`--json`).
package struct SimulationView: Codable, Equatable, Sendable {
    /// Experiments whose candidate differed by so much.
    package struct Row: Codable, Equatable, Sendable {
        /// Candidate minus incumbent.
        package var effect: Double
        package var runs: Int
        package var promoted: Int
        package var stoppedForHarm: Int
        /// Given up early, since nothing could be shown by the longest duration any more.
        package var futile: Int
        package var undecided: Int
        /// Of them, held at some look by a failed sample ratio.
        package var held: Int
        /// Lower and upper end of the 95 % interval of the share promoted, and of the share stopped for harm.
        package var promotedInterval: [Double]
        package var stoppedInterval: [Double]
        /// Medians; absent where none was promoted, or stopped.
        package var daysToPromotion: Double?
        package var daysToStop: Double?
        /// Units that had been given the candidate when it was stopped.
        package var candidatesAtStop: Int?
    }

    package var deployment: String
    package var logDays: Double
    package var requests: Int
    package var units: Int
    package var ratings: Int
    /// Of the scores in [0, 1].
    package var mean: Double
    /// Share of the units that come back.
    package var returning: Double
    package var longestDays: Double
    package var seed: UInt64
    /// Share by which the candidate was better in the metric that is the goal; absent: none is.
    package var improvement: Double?
    /// Steps of the ramp, from 1, that begin at a person's word, which is taken to come at once; absent: none.
    package var approvalSteps: [Int]?
    package var rows: [Row]
}
