import GRDB
import Traffic
package import Values

/// Shadow replays: which queries are asked again, what was answered, and what judges say.
extension DurableStore {
    package func shadow(cycle: String) async throws -> ShadowRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM shadow_replays WHERE cycle = ?", arguments: [cycle])
                .map(ShadowRows.shadow)
        }
    }

    /// Replays of a deployment that began after `time`.
    package func shadows(deployment: String, since time: Timestamp) async throws -> [ShadowRecord] {
        try await read { database in
            try Row.fetchAll(
                database, sql: "SELECT * FROM shadow_replays WHERE deployment = ? AND started > ? ORDER BY started",
                arguments: [deployment, time]
            ).map(ShadowRows.shadow)
        }
    }

    /// The newest query of each unit that can be asked again: answered, and of texts alone. Units of the adapter's training
    /// rows come last; within both, the newest come first. What is older than the newest 100,000 interactions is not read.
    package func shadowQueries(
        cycle: String, deployment: String, candidate: String, limit: Int
    ) async throws -> [ShadowQuery] {
        try await read { database in
            let oldest =
                try Int64.fetchOne(
                    database,
                    sql: "SELECT seq FROM interactions WHERE deployment = ? ORDER BY seq DESC LIMIT 1 OFFSET 100000",
                    arguments: [deployment]) ?? 0
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT max(i.seq) AS seq, i.unit, i.unit IN (
                        SELECT unit FROM lineage WHERE adapter = ? AND data_set = 'train' AND unit IS NOT NULL) AS trained
                    FROM interactions i WHERE i.deployment = ? AND i.seq > ? AND i.unit IS NOT NULL AND i.error IS NULL
                        AND json_array_length(i.messages) > 0 AND NOT EXISTS (
                            SELECT 1 FROM json_each(i.messages) m WHERE json_type(m.value, '$[1]') <> 'text')
                    GROUP BY i.unit ORDER BY trained, seq DESC LIMIT ?
                    """, arguments: [candidate, deployment, oldest, limit]
            ).map { row in
                ShadowQuery(
                    cycle: cycle, interaction: row["seq"], unit: row["unit"], isTrained: row["trained"])
            }
        }
    }

    /// The first pair that an arm has not answered yet and that is not given up, besides some.
    package func unansweredShadowPair(cycle: String, besides others: Set<Int64> = []) async throws -> ShadowPairRecord?
    {
        try await read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT \(ShadowRows.columns) FROM shadow_pairs p JOIN interactions i ON i.seq = p.interaction
                    WHERE p.cycle = ? AND p.failure IS NULL
                        AND (p.incumbent_answer IS NULL OR p.candidate_answer IS NULL)
                    ORDER BY p.number
                    """, arguments: [cycle])
            while let row = try rows.next() {
                if !others.contains(row["pair"]) { return try ShadowRows.pair(row) }
            }
            return nil
        }
    }

    /// Pairs with two answers that differ and that a judge has not judged, in order; nil: whoever judged them.
    package func judgeableShadowPairs(cycle: String, unjudgedBy judge: String?, limit: Int) async throws
        -> [ShadowPairRecord]
    {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(ShadowRows.columns) FROM shadow_pairs p JOIN interactions i ON i.seq = p.interaction
                    WHERE p.cycle = ? AND p.incumbent_answer IS NOT NULL AND p.candidate_answer IS NOT NULL
                        AND p.incumbent_answer <> p.candidate_answer AND NOT EXISTS (SELECT 1 FROM shadow_judgements j WHERE j.pair = p.seq AND j.judge = ?)
                    ORDER BY p.number LIMIT ?
                    """, arguments: [cycle, judge, limit]
            ).map(ShadowRows.pair)
        }
    }

    /// Where a replay's pairs stand.
    package func shadowStanding(cycle: String) async throws -> ShadowStanding {
        try await read { database in
            var standing = ShadowStanding()
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT p.seq, p.unit, p.failure IS NOT NULL AS failed,
                        p.incumbent_answer IS NOT NULL AND p.candidate_answer IS NOT NULL AS answered,
                        coalesce(p.incumbent_answer = p.candidate_answer, 0) AS alike, j.value
                    FROM shadow_pairs p LEFT JOIN shadow_judgements j ON j.pair = p.seq
                    WHERE p.cycle = ? ORDER BY p.number, j.judge
                    """, arguments: [cycle])
            var last: Int64?
            for row in rows {
                let sequence: Int64 = row["seq"]
                let isAnswered: Bool = row["answered"]
                if sequence != last {
                    last = sequence
                    standing.pairs += 1
                    if isAnswered {
                        if row["alike"] as Bool { standing.alike += 1 }
                        standing.answered.append(
                            ShadowStanding.Pair(unit: row["unit"], judgements: row["alike"] ? [0.5] : []))
                    } else if row["failed"] as Bool {
                        standing.failed += 1
                    }
                }
                if isAnswered, !row["alike"], let value: Double = row["value"] {
                    standing.answered[standing.answered.count - 1].judgements.append(value)
                }
            }
            return standing
        }
    }

    /// The sequence numbers of a replay's pairs with two answers that differ, by their number.
    package func judgeableShadowNumbers(cycle: String) async throws -> [Int: Int64] {
        try await read { database in
            Dictionary(
                uniqueKeysWithValues: try Row.fetchAll(
                    database,
                    sql: """
                        SELECT number, seq FROM shadow_pairs WHERE cycle = ? AND incumbent_answer <> candidate_answer
                        """, arguments: [cycle]
                ).map { ($0["number"] as Int, $0["seq"] as Int64) })
        }
    }

    /// Keeps judgements, of each judge and pair the latest; returns after they are durable. Nothing is kept where the replay
    /// has ended meanwhile.
    ///
    /// - Returns: whether they were kept.
    package func judge(_ judgements: [ShadowJudgement], cycle: String) async throws -> Bool {
        try await write(.essential) { database in
            let isOpen =
                try Bool.fetchOne(
                    database, sql: "SELECT ended IS NULL FROM shadow_replays WHERE cycle = ?", arguments: [cycle])
                ?? false
            guard isOpen else { return false }
            var commit = LoopCommit(deployment: "")
            commit.shadowJudgements = judgements
            try ShadowRows(database: database).write(commit)
            return true
        }
    }

    /// What replays hold of a unit, given by its pseudonyms.
    package func shadowPairs(deployment: String, units: [String]) async throws -> [(
        cycle: String, pair: ShadowPairRecord, judgements: [Double]
    )] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(ShadowRows.columns), p.cycle, (SELECT group_concat(j.value, ' ') FROM shadow_judgements j
                        WHERE j.pair = p.seq) AS judged FROM interactions i
                    JOIN shadow_pairs p ON p.interaction = i.seq
                    WHERE i.deployment = ? AND i.unit IN (\(placeholders(units.count))) ORDER BY p.seq
                    """, arguments: [deployment] + StatementArguments(units)
            ).map { row in
                let judged: String? = row["judged"]
                return (
                    row["cycle"], try ShadowRows.pair(row),
                    (judged ?? "").split(separator: " ").compactMap { Double($0) }
                )
            }
        }
    }
}
