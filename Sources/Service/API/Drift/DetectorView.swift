/// One detector.
package struct DetectorView: Codable, Equatable, Sendable {
    /// What it watches: `queries`, `ratings`, …
    package var name: String
    /// `learning`, `watching`, `alarmed` or `off`.
    package var state: String
    package var statistic: Double?
    package var threshold: Double?
    package var effectSize: Double?
    package var observations: Int
    package var detail: String

    package init(
        name: String, state: String, statistic: Double? = nil, threshold: Double? = nil, effectSize: Double? = nil,
        observations: Int, detail: String
    ) {
        self.name = name
        self.state = state
        self.statistic = statistic
        self.threshold = threshold
        self.effectSize = effectSize
        self.observations = observations
        self.detail = detail
    }
}
