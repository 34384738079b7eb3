import Settings
import Traffic

extension TrafficEdge {
    /// The edge that a configuration describes.
    init(keys: PseudonymKeys, settings: Settings) {
        var limits = TrafficLimits()
        limits.recordsPerRequest = settings.limits.recordsPerRequest
        limits.messagesPerRecord = settings.limits.messagesPerInteraction
        limits.textBytes = settings.limits.textBytes
        limits.metadataBytes = settings.limits.metadataBytes
        limits.depth = settings.limits.nesting
        let scales = settings.deployments.map { deployment in
            (deployment.name, deployment.scales.map(Self.scale))
        }
        self.init(keys: keys, limits: limits, scales: Dictionary(scales) { first, _ in first })
    }

    private static func scale(_ settings: ScaleSettings) -> RatingScale {
        let kind: RatingScale.Kind =
            switch settings.kind {
            case .thumb: .thumb
            case .stars: .stars
            case .number: .number(minimum: settings.minimum, maximum: settings.maximum)
            case .label: .label(settings.words)
            }
        return RatingScale(name: settings.name, kind: kind, good: settings.good, bad: settings.bad)
    }
}
