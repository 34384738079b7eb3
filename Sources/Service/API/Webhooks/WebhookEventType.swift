/// What people are told.
package enum WebhookEventType: String, Codable, CaseIterable, Equatable, Sendable {
    case driftDetected = "drift.detected"
    case driftEnded = "drift.ended"
    case selectionStale = "selection.stale"
    case adapterTrained = "adapter.trained"
    case cycleRejected = "cycle.rejected"
    case approvalNeeded = "approval.needed"
    case experimentStarted = "experiment.started"
    case experimentHeld = "experiment.held"
    case experimentDecided = "experiment.decided"
    case adapterPromoted = "adapter.promoted"
    case adapterRolledBack = "adapter.rolled_back"
    case cycleFailed = "cycle.failed"
    case test = "webhook.test"
}
