/// What an experiment would do with a candidate that is worse by so much.
package struct PlannedHarmView: Codable, Equatable, Sendable {
    /// Candidate minus incumbent, below 0.
    package var difference: Double
    /// Rated units of the candidate's arm until half of such experiments are stopped; absent: never. And days until then; absent:
    /// not by the longest duration.
    package var candidates: Int?
    package var days: Double?
    /// Share of such experiments that is stopped by the longest duration.
    package var stopped: Double

    package init(difference: Double, candidates: Int? = nil, days: Double? = nil, stopped: Double) {
        self.difference = difference
        self.candidates = candidates
        self.days = days
        self.stopped = stopped
    }
}
