/// Whether the selection in use is stale.
package struct ProbeView: Codable, Equatable, Sendable {
    /// C: 1 when nothing is lost by keeping the selection.
    package var capturedImpact: Double
    package var interval: [Double]
    package var threshold: Double
    package var stale: Bool
    /// `reselect` or `retrain`.
    package var branch: String
    /// Nats a token left on the table.
    package var lossLeft: Double?
    package var detail: String

    package init(
        capturedImpact: Double, interval: [Double], threshold: Double, stale: Bool, branch: String,
        lossLeft: Double? = nil, detail: String
    ) {
        self.capturedImpact = capturedImpact
        self.interval = interval
        self.threshold = threshold
        self.stale = stale
        self.branch = branch
        self.lossLeft = lossLeft
        self.detail = detail
    }
}
