import FeedbackLoop
import Locking
import Settings
import Store
import Traffic
import Values

/// Finds what answers a unit: its arm, and within a conversation what answered its first turn.
final class ArmAssigner: Sendable {
    /// What answers a request, and what has to be fixed with it.
    struct Assigned: Sendable {
        var variant: ArmTable.Variant
        var servedName: String
        /// Version of what answers; 0 for the base.
        var version: Int
        /// The comparison that the unit takes part in.
        var experiment: String?
        var enrolments = Enrolments()
    }

    private struct Cache {
        var conversations: [String: ConversationRecord] = [:]
        var enrolled = Set<String>()
    }

    private static let kept = 20_000
    private let store: DurableStore
    private let keys: PseudonymKeys
    /// By deployment and pseudonym.
    private let pins: [String: [String: ArmTable.Pin]]
    private let cache = Locked(Cache())

    init(store: DurableStore, keys: PseudonymKeys, deployments: [ServedDeployment]) {
        self.store = store
        self.keys = keys
        var pins: [String: [String: ArmTable.Pin]] = [:]
        for deployment in deployments {
            let experiment = deployment.settings.experiment
            for (units, pin) in [
                (experiment.pinnedToCandidate, ArmTable.Pin.candidate), (experiment.pinnedToIncumbent, .incumbent),
            ] {
                for unit in units {
                    pins[deployment.name, default: [:]][
                        keys.pseudonym(of: unit, kind: .unit, deployment: deployment.name)] = pin
                }
            }
        }
        self.pins = pins
    }

    /// The arm of a unit, with the conversation's own where it was fixed before and is still served. What only stands in is
    /// no arm, so nothing is fixed to it.
    ///
    /// A turn of a conversation that something else answers than the unit's arm enrols nobody: its ratings would be
    /// counted for one arm only.
    func assign(
        _ deployment: ServedDeployment, unit: String?, conversation: String?, at time: Timestamp
    ) async throws -> Assigned {
        let table = try await deployment.loop.settledArms()
        let name = deployment.name
        let pseudonym = unit.map { keys.pseudonym(of: $0, kind: .unit, deployment: name) }
        let pin = pseudonym.flatMap { pins[name]?[$0] }
        let earlier =
            pin == nil
            ? try await earlierAssignment(in: table, unit: unit, pseudonym: pseudonym, deployment: name) : nil
        let arm =
            if let pin {
                table.arm(pinnedTo: pin)
            } else if let earlier, let comparison = table.comparison {
                table.arm(named: earlier.arm, of: comparison)
            } else {
                table.arm(of: pseudonym)
            }
        var assigned = Assigned(
            variant: arm.variant, servedName: arm.servedName, version: Self.version(of: arm.servedName, in: table),
            experiment: arm.experiment)
        // Who never gets a candidate does not get one in somebody else's conversation either.
        if let conversation, pin != .incumbent {
            let key = keys.pseudonym(of: conversation, kind: .conversation, deployment: name)
            if let fixed = try await fixedConversation(conversation, key: key, deployment: name) {
                if table.isServed(fixed.adapter), fixed.adapter != arm.servedName {
                    assigned.servedName = fixed.adapter
                    assigned.version = Self.version(of: fixed.adapter, in: table)
                    assigned.variant = Self.variant(of: fixed.adapter, in: table)
                    return assigned
                }
            } else if !table.isStandIn {
                let record = ConversationRecord(
                    deployment: name, conversation: key, unit: pseudonym, arm: arm.variant.rawValue,
                    adapter: arm.servedName, time: time)
                let holds = fix(record)
                assigned.enrolments.conversations = [holds]
                if holds.adapter != arm.servedName, table.isServed(holds.adapter) {
                    assigned.servedName = holds.adapter
                    assigned.version = Self.version(of: holds.adapter, in: table)
                    assigned.variant = Self.variant(of: holds.adapter, in: table)
                    return assigned
                }
            }
        }
        if let pseudonym, let experiment = arm.experiment, let side = arm.arm, let exposure = arm.exposure {
            let key = conversation.map { keys.pseudonym(of: $0, kind: .conversation, deployment: name) }
            assigned.enrolments.assignments = [
                AssignmentRecord(
                    experiment: experiment, unit: pseudonym, arm: side, time: time,
                    exposure: earlier?.exposure ?? exposure, conversation: key, excluded: earlier?.excluded,
                    enrolledAs: earlier.map { $0.enrolledAs ?? $0.unit })
            ]
        }
        return assigned
    }

    /// Fixes what `assigned` brings, before it is answered; what this process fixed before costs nothing.
    func enrol(_ assigned: Assigned) async throws {
        var wanted = assigned.enrolments
        wanted.assignments.removeAll { record in cache.withLock { $0.enrolled.contains(Self.key(record)) } }
        guard !wanted.isEmpty else { return }
        _ = try await store.enrol(wanted)
        cache.withLock { cache in
            if cache.enrolled.count >= Self.kept { cache.enrolled = [] }
            for record in wanted.assignments { cache.enrolled.insert(Self.key(record)) }
        }
    }

    /// Undoes in memory what was assigned and has not been answered.
    func takeBack(_ assigned: Assigned) {
        cache.withLock { cache in
            for record in assigned.enrolments.conversations { cache.conversations[record.conversation] = nil }
        }
    }

    /// Forgets what it keeps in memory; called after an erasure.
    func forget() {
        cache.withLock { $0 = Cache() }
    }

    /// The assignment that a unit has in the comparison under an older pseudonym key: it stays in that arm, and the row
    /// under the key in use names the earlier one, so that both are one unit.
    private func earlierAssignment(
        in table: ArmTable, unit: String?, pseudonym: String?, deployment: String
    ) async throws -> AssignmentRecord? {
        guard keys.ids.count > 1, let unit, let comparison = table.comparison else { return nil }
        let known = keys.allPseudonyms(of: unit, kind: .unit, deployment: deployment).map(\.pseudonym)
        let first = try await store.assignment(experiment: comparison.experiment, units: known)
        return first?.unit == pseudonym ? nil : first
    }

    private func fixedConversation(
        _ conversation: String, key: String, deployment: String
    ) async throws -> ConversationRecord? {
        if let known = cache.withLock({ $0.conversations[key] }) { return known }
        let known = keys.allPseudonyms(of: conversation, kind: .conversation, deployment: deployment).map(\.pseudonym)
        guard let record = try await store.conversation(deployment: deployment, conversations: known) else {
            return nil
        }
        return fix(record, as: key)
    }

    /// Keeps a conversation's record, unless another request was first; returns what holds.
    private func fix(_ record: ConversationRecord, as key: String? = nil) -> ConversationRecord {
        cache.withLock { cache in
            let key = key ?? record.conversation
            if let first = cache.conversations[key] { return first }
            if cache.conversations.count >= Self.kept { cache.conversations = [:] }
            cache.conversations[key] = record
            return record
        }
    }

    private static func key(_ record: AssignmentRecord) -> String { "\(record.experiment) \(record.unit)" }

    private static func variant(of name: String, in table: ArmTable) -> ArmTable.Variant {
        guard let comparison = table.comparison else { return .incumbent }
        if name == comparison.candidate { return comparison.isHoldBack ? .incumbent : .candidate }
        if name == comparison.incumbent { return comparison.isHoldBack ? .holdback : .incumbent }
        return .incumbent
    }

    /// The number at the end of `support-en-v4`; 0 for the base.
    private static func version(of name: String, in table: ArmTable) -> Int {
        guard name != table.base, let range = name.lastIndex(of: "v") else { return 0 }
        return Int(name[name.index(after: range)...]) ?? 0
    }
}
