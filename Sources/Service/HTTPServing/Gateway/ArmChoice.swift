import FeedbackLoop
import Store
import Traffic
import Values

/// Which adapter answers a request, and what that fixes.
struct ArmChoice: Sendable {
    var arm: ArmTable.Arm
    /// Pseudonyms under the key in use.
    var unit: String?
    var conversation: String?
    /// Rows that are committed with the interaction.
    var enrolments: Enrolments
}

extension DaemonRoutes {
    /// The arm of a unit, fixed for a conversation at its first turn.
    ///
    /// After a change of keys a unit may stand in the log under an earlier pseudonym; an assignment that was made under it
    /// is kept.
    func choose(
        _ deployment: ServedDeployment, unit: String?, conversation: String?, at now: Timestamp
    ) async throws -> ArmChoice {
        let name = deployment.name
        let arms = deployment.loop.arms
        let units =
            unit.map { context.keys.allPseudonyms(of: $0, kind: .unit, deployment: name).map(\.pseudonym) } ?? []
        let conversations =
            conversation.map {
                context.keys.allPseudonyms(of: $0, kind: .conversation, deployment: name).map(\.pseudonym)
            }
            ?? []
        var assignedAs = units.first
        if units.count > 1, let comparison = arms.comparison,
            let known = try await context.store.assignment(experiment: comparison.experiment, units: units)
        {
            assignedAs = known.unit
        }
        var choice = ArmChoice(
            arm: arms.arm(of: assignedAs), unit: units.first, conversation: conversations.first,
            enrolments: Enrolments())
        if let conversation = conversations.first {
            if let known = try await context.store.conversation(deployment: name, conversations: conversations) {
                if arms.isServed(known.adapter), known.adapter != choice.arm.servedName {
                    choice.arm = ArmTable.Arm(
                        variant: ArmTable.Variant(rawValue: known.arm) ?? .incumbent, servedName: known.adapter)
                }
            } else {
                choice.enrolments.conversations = [
                    ConversationRecord(
                        deployment: name, conversation: conversation, unit: choice.unit,
                        arm: choice.arm.variant.rawValue, adapter: choice.arm.servedName, time: now)
                ]
            }
        }
        if let experiment = choice.arm.experiment, let arm = choice.arm.arm, let unit = choice.unit {
            choice.enrolments.assignments = [
                AssignmentRecord(
                    experiment: experiment, unit: unit, arm: arm, time: now, exposure: choice.arm.exposure ?? 0,
                    conversation: choice.conversation)
            ]
        }
        return choice
    }
}
