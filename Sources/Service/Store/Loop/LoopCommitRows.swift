import GRDB
import Values

/// Writes the parts of a `LoopCommit`, inside the writer's transaction.
struct LoopCommitRows {
    let database: Database

    /// Returns the loop's revision after the commit.
    func write(_ commit: LoopCommit) throws -> Int64 {
        for action in commit.actions { try insert(action) }
        if let job = commit.closedJob { try close(job) }
        let revision = try write(commit.state, of: commit.deployment)
        for cycle in commit.cycles { try put(cycle) }
        for transition in commit.transitions { try insert(transition) }
        for adapter in commit.adapters { try put(adapter) }
        for experiment in commit.experiments { try put(experiment) }
        for look in commit.looks { try insert(look) }
        try EnrolmentRows.insert(commit.enrolments, into: database)
        for difficulty in commit.difficulties { try DifficultyRows.insert(difficulty, into: database) }
        for detector in commit.detectors { try put(detector) }
        for part in commit.dossier { try put(part) }
        for record in commit.lineage { try put(record) }
        for job in commit.jobs { try put(job) }
        try ShadowRows(database: database).write(commit)
        for event in commit.events { try OutboxRows.insert(event, into: database) }
        return revision
    }

    private func write(_ change: LoopCommit.StateChange?, of deployment: String) throws -> Int64 {
        let found =
            try Int64.fetchOne(
                database, sql: "SELECT revision FROM loops WHERE deployment = ?", arguments: [deployment]) ?? 0
        guard let change else { return found }
        guard found == change.expectedRevision else {
            throw StoreError.staleRevision(deployment: deployment, expected: change.expectedRevision, found: found)
        }
        try execute(
            """
            INSERT INTO loops (deployment, revision, version, bytes) VALUES (?, ?, ?, ?)
            ON CONFLICT (deployment) DO UPDATE SET revision = excluded.revision, version = excluded.version,
                bytes = excluded.bytes
            """, [deployment, found + 1, change.value.version, Blob(change.value.bytes)])
        return found + 1
    }

    private func close(_ job: LoopCommit.ClosedJob) throws {
        try execute("DELETE FROM open_jobs WHERE id = ?", [job.id])
        if job.isTaken, database.changesCount == 0 { throw StoreError.jobIsNotOpen(id: job.id) }
    }

    private func put(_ cycle: CycleRecord) throws {
        try execute(
            """
            INSERT INTO cycles (id, deployment, state, trigger_kind, started, ended, outcome, reason, details)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, trigger_kind = excluded.trigger_kind,
                started = excluded.started, ended = excluded.ended, outcome = excluded.outcome,
                reason = excluded.reason, details = excluded.details
            """,
            [
                cycle.id, cycle.deployment, cycle.state, cycle.trigger, cycle.started, cycle.ended, cycle.outcome,
                cycle.reason, JSONColumn(cycle.details),
            ])
    }

    private func insert(_ transition: TransitionRecord) throws {
        try execute(
            """
            INSERT INTO transitions (deployment, cycle, from_state, to_state, time, actor, reason)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                transition.deployment, transition.cycle, transition.from, transition.to, transition.time,
                transition.actor, transition.reason,
            ])
    }

    private func put(_ detector: DetectorRecord) throws {
        try execute(
            """
            INSERT INTO detectors (deployment, name, version, bytes, interactions, ratings) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (deployment, name) DO UPDATE SET version = excluded.version, bytes = excluded.bytes,
                interactions = excluded.interactions, ratings = excluded.ratings
            """,
            [
                detector.deployment, detector.name, detector.value.version, Blob(detector.value.bytes),
                detector.position.interactions, detector.position.ratings,
            ])
    }

    private func put(_ part: DossierPart) throws {
        try execute(
            """
            INSERT INTO dossier_parts (cycle, name, value) VALUES (?, ?, ?)
            ON CONFLICT (cycle, name) DO UPDATE SET value = excluded.value
            """, [part.cycle, part.name, JSONColumn(part.value)])
    }

    /// The number of erased records is an erasure's to change, so a known adapter keeps it.
    private func put(_ adapter: AdapterRecord) throws {
        try execute(
            """
            INSERT INTO adapters (name, deployment, version, parent, status, cycle, created, folder, digest,
                base_digest, trained_parameters, metrics, erased_records)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET deployment = excluded.deployment, version = excluded.version,
                parent = excluded.parent, status = excluded.status, cycle = excluded.cycle, created = excluded.created,
                folder = excluded.folder, digest = excluded.digest, base_digest = excluded.base_digest,
                trained_parameters = excluded.trained_parameters,
                metrics = excluded.metrics
            """,
            [
                adapter.name, adapter.deployment, adapter.version, adapter.parent, adapter.status.rawValue,
                adapter.cycle, adapter.created, adapter.folder, adapter.digest, adapter.baseDigest,
                adapter.trainedParameters, JSONColumn(adapter.metrics), adapter.erasedRecords,
            ])
    }

    private func put(_ record: LineageRecord) throws {
        try execute(
            """
            INSERT INTO lineage (adapter, record, interaction, rating, data_set, weight, unit, rater)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (adapter, data_set, record) DO UPDATE SET rating = excluded.rating, weight = excluded.weight,
                unit = excluded.unit, rater = excluded.rater
            """,
            [
                record.adapter, record.record, record.interaction, record.rating, record.set.rawValue, record.weight,
                record.unit, record.rater,
            ])
    }

    private func put(_ job: JobRecord) throws {
        try execute(
            """
            INSERT INTO jobs (id, deployment, cycle, kind, folder, state, attempts, cpu_seconds, started, ended)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET cycle = excluded.cycle, kind = excluded.kind, folder = excluded.folder,
                state = excluded.state, attempts = excluded.attempts, cpu_seconds = excluded.cpu_seconds,
                started = excluded.started, ended = excluded.ended
            """,
            [
                job.id, job.deployment, job.cycle, job.kind, job.folder, job.state.rawValue, job.attempts,
                job.cpuSeconds, job.started, job.ended,
            ])
    }

    private func put(_ experiment: ExperimentRecord) throws {
        try execute(
            """
            INSERT INTO experiments (id, deployment, cycle, incumbent, candidate, salt, design, version, state, started,
                ended, decision, reason, erased_units, interactions, ratings)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET design = excluded.design, version = excluded.version, state = excluded.state,
                started = excluded.started, ended = excluded.ended, decision = excluded.decision,
                reason = excluded.reason
            """,
            [
                experiment.id, experiment.deployment, experiment.cycle, experiment.incumbent, experiment.candidate,
                experiment.salt, JSONColumn(experiment.design), experiment.state.version, Blob(experiment.state.bytes),
                experiment.started, experiment.ended, experiment.decision, experiment.reason, experiment.erasedUnits,
                experiment.began.interactions, experiment.began.ratings,
            ])
    }

    private func insert(_ look: LookRecord) throws {
        try execute(
            """
            INSERT INTO looks (experiment, number, time, interactions, ratings, assignments, difficulties, result)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                look.experiment, look.number, look.time, look.position.log.interactions, look.position.log.ratings,
                look.position.assignments, look.position.difficulties, JSONColumn(look.result),
            ])
    }

    private func insert(_ action: ActionRecord) throws {
        try execute(
            """
            INSERT INTO actions (deployment, id, created, request, result) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (deployment, id) DO NOTHING
            """, [action.deployment, action.id, action.created, JSONColumn(action.request), JSONColumn(action.result)])
        if database.changesCount == 0 { throw StoreError.actionExists(id: action.id) }
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
