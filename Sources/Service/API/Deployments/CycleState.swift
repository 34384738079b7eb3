/// Where a cycle stands.
package enum CycleState: String, Codable, CaseIterable, Equatable, Sendable {
    case watching, probing, estimating, training, gating, awaitingApproval, experimenting, shadowing, promoting,
        rejected, rolledBack, failed
}
