import GRDB
import Values

/// The parts of a shadow replay in a `LoopCommit`, inside the writer's transaction.
struct ShadowRows {
    let database: Database

    func write(_ commit: LoopCommit) throws {
        for shadow in commit.shadows { try put(shadow) }
        for (index, query) in commit.shadowQueries.enumerated() { try insert(query, number: index + 1) }
        for answer in commit.shadowAnswers {
            try execute(
                "UPDATE shadow_pairs SET \(answer.kind.rawValue) = ? WHERE seq = ?", [answer.text, answer.pair])
        }
        for judgement in commit.shadowJudgements { try put(judgement) }
    }

    private func put(_ shadow: ShadowRecord) throws {
        try execute(
            """
            INSERT INTO shadow_replays (cycle, deployment, incumbent, candidate, design, trained_units, started, ended,
                decision, look)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (cycle) DO UPDATE SET ended = excluded.ended, decision = excluded.decision, look = excluded.look
            """,
            [
                shadow.cycle, shadow.deployment, shadow.incumbent, shadow.candidate, JSONColumn(shadow.design),
                shadow.trainedUnits, shadow.started, shadow.ended, shadow.decision, shadow.look.map(JSONColumn.init),
            ])
    }

    private func insert(_ query: ShadowQuery, number: Int) throws {
        try execute(
            """
            INSERT INTO shadow_pairs (cycle, number, interaction, unit)
            SELECT ?, ?, seq, ? FROM interactions WHERE seq = ?
            """, [query.cycle, number, query.unit, query.interaction])
    }

    /// The latest of a judge stays; one that is dated earlier changes nothing.
    private func put(_ judgement: ShadowJudgement) throws {
        try execute(
            """
            INSERT INTO shadow_judgements (pair, judge, value, time)
            SELECT seq, ?, ?, ? FROM shadow_pairs WHERE seq = ?
            ON CONFLICT (pair, judge) DO UPDATE SET value = excluded.value, time = excluded.time
                WHERE excluded.time >= time
            """, [judgement.judge, judgement.value, judgement.time, judgement.pair])
    }

    private func execute(_ sql: String, _ arguments: StatementArguments) throws {
        try database.cachedStatement(sql: sql).execute(arguments: arguments)
    }

    static func shadow(_ row: Row) throws -> ShadowRecord {
        let design: JSONColumn = try row.value("design")
        let look: JSONColumn? = row["look"]
        var record = ShadowRecord(
            cycle: row["cycle"], deployment: row["deployment"], incumbent: row["incumbent"],
            candidate: row["candidate"], design: design.value, trainedUnits: row["trained_units"],
            started: try row.value("started"), ended: row["ended"], decision: row["decision"], look: look?.value)
        record.salt = row["salt"]
        return record
    }

    static func pair(_ row: Row) throws -> ShadowPairRecord {
        ShadowPairRecord(
            sequence: row["pair"], number: row["number"], interaction: try InteractionRows.decode(row),
            incumbentAnswer: row["incumbent_answer"], candidateAnswer: row["candidate_answer"])
    }

    /// Columns that `pair` reads.
    static let columns = "i.*, p.seq AS pair, p.number, p.incumbent_answer, p.candidate_answer"
}
