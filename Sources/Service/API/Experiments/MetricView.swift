/// A metric beside the ratings on the goal's scale, as it was fixed before the experiment began.
package struct MetricView: Codable, Equatable, Sendable {
    package var name: String
    /// `errors`, `latency`, `firstToken`, `promptTokens`, `completionTokens` or `rating`.
    package var of: String
    /// Of ratings: the scale's name, and what its values mean.
    package var scaleName: String?
    package var scale: ScaleView?
    /// Absent: the mean.
    package var quantile: Double?
    /// `request` or `unit`.
    package var per: String
    /// `lower` or `higher`.
    package var better: String
    /// `guardrail`, `signal` or `goal`.
    package var role: String
    /// `absolute` or `relative`.
    package var change: String
    /// The largest worsening that is allowed; of a goal the smallest improvement worth a promotion.
    package var limit: Double

    package init(
        name: String, of: String, scaleName: String? = nil, scale: ScaleView? = nil, quantile: Double? = nil,
        per: String, better: String, role: String, change: String, limit: Double
    ) {
        self.name = name
        self.of = of
        self.scaleName = scaleName
        self.scale = scale
        self.quantile = quantile
        self.per = per
        self.better = better
        self.role = role
        self.change = change
        self.limit = limit
    }
}
