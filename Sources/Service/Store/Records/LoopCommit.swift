/// Everything one step of a loop changes, written in one transaction or not at all.
///
/// Promise 6 of the design (a crash leaves the state before or the state after a step) and the outbox rule (an alert is
/// stored with the change it tells of) both rest on this: a step builds one value and commits it once. Files that rows
/// name are complete, synced and renamed before.
package struct LoopCommit: Sendable {
    /// The new state of the loop, written only if the stored revision is still `expectedRevision` (0: none yet).
    package struct StateChange: Sendable {
        package var expectedRevision: Int64
        package var value: VersionedValue

        package init(expectedRevision: Int64, value: VersionedValue) {
            self.expectedRevision = expectedRevision
            self.value = value
        }
    }

    /// A job that the step leaves behind.
    package struct ClosedJob: Sendable {
        package var id: String
        /// Whether its result is taken: `StoreError.jobIsNotOpen` then, and nothing is written, where an erasure closed it.
        package var isTaken: Bool

        package init(id: String, isTaken: Bool) {
            self.id = id
            self.isTaken = isTaken
        }
    }

    package var deployment: String
    package var state: StateChange?
    package var closedJob: ClosedJob?
    /// Inserted, or replaced where the id is known; so are adapters, experiments, detectors, dossier parts and jobs.
    package var cycles: [CycleRecord] = []
    package var transitions: [TransitionRecord] = []
    package var adapters: [AdapterRecord] = []
    package var experiments: [ExperimentRecord] = []
    /// A look is written once: its number must be new.
    package var looks: [LookRecord] = []
    /// Idempotent: what was fixed before stays.
    package var enrolments = Enrolments()
    /// Of units that are gone nothing is written.
    package var difficulties: [DifficultyRecord] = []
    package var detectors: [DetectorRecord] = []
    package var dossier: [DossierPart] = []
    package var lineage: [LineageRecord] = []
    package var jobs: [JobRecord] = []
    /// Inserted, or replaced where the cycle has one.
    package var shadows: [ShadowRecord] = []
    /// Queries of a shadow replay, numbered from 1 in their order; those whose interaction is gone are left out.
    package var shadowQueries: [ShadowQuery] = []
    /// Of pairs that are gone nothing is written.
    package var shadowAnswers: [ShadowAnswer] = []
    package var shadowJudgements: [ShadowJudgement] = []
    package var events: [OutboxEvent] = []
    /// An action is written once: a known id is `StoreError.actionExists`.
    package var actions: [ActionRecord] = []

    package init(deployment: String, state: StateChange? = nil) {
        self.deployment = deployment
        self.state = state
    }
}
