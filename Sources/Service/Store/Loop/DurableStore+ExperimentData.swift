import GRDB
import Traffic
package import Values

/// What the looks of an experiment read. Each query walks the log from where the last one ended and finds the unit's
/// assignment by index, so that it costs what is new; the order of the joins is fixed for that.
extension DurableStore {
    /// Where a look that is taken now ends, and how many erasures there have been: after another one, what was read before
    /// holds no longer.
    package func lookPosition() async throws -> (position: LookPosition, erasures: Int) {
        try await read { database in
            func newest(_ table: String) throws -> Int64 {
                try Int64.fetchOne(database, sql: "SELECT max(seq) FROM \(table)") ?? 0
            }
            let log = LogPosition(interactions: try newest("interactions"), ratings: try newest("ratings"))
            return (
                LookPosition(
                    log: log, assignments: try newest("assignments"), difficulties: try newest("difficulties")),
                try ErasureRows.count(database)
            )
        }
    }

    /// Ratings of the experiment's units, by the rating's sequence number, after `sequence` and within `position`: of
    /// interactions after the unit's enrolment, in time and in the log, that name the adapter of the unit's arm.
    ///
    /// All of them, also those that a later one of the same rater replaced, since an earlier look may have counted them.
    /// Without a position, a rating that came before its interaction may appear behind a page already read.
    package func experimentRatings(
        experiment: String, position: LogPosition? = nil, after sequence: Int64 = 0, limit: Int
    ) async throws -> [ExperimentRating] {
        try await read { database in
            let end = position ?? LogPosition(interactions: .max, ratings: .max)
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.ratingColumns) FROM experiments e CROSS JOIN ratings r NOT INDEXED
                    CROSS JOIN interactions i INDEXED BY interactions_id
                        ON i.deployment = r.deployment AND i.id = r.interaction AND i.seq <= ?
                    CROSS JOIN assignments a ON \(Self.counts)
                    WHERE e.id = ? AND r.deployment = e.deployment AND r.seq > ? AND r.seq <= ?
                    ORDER BY r.seq LIMIT ?
                    """, arguments: [end.interactions, experiment, sequence, end.ratings, limit]
            ).map(Self.rating)
        }
    }

    /// Of the interactions between two positions, the ratings that had come before the first: a rating may arrive before
    /// what it rates. By the rating's sequence number.
    package func earlyExperimentRatings(
        experiment: String, from: LogPosition, to: LogPosition
    ) async throws -> [ExperimentRating] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.ratingColumns) FROM experiments e CROSS JOIN interactions i NOT INDEXED
                    CROSS JOIN ratings r INDEXED BY ratings_interaction
                        ON r.deployment = i.deployment AND r.interaction = i.id AND r.seq <= ?
                    CROSS JOIN assignments a ON \(Self.counts)
                    WHERE e.id = ? AND i.deployment = e.deployment AND i.seq > ? AND i.seq <= ?
                    ORDER BY r.seq
                    """, arguments: [from.ratings, experiment, from.interactions, to.interactions]
            ).map(Self.rating)
        }
    }

    /// What units had rated before they were enrolled, equal values of a unit together: for the assignments after
    /// `sequence`, up to and with `last`, by the assignment's sequence number.
    package func earlierRatings(
        experiment: String, after sequence: Int64, through last: Int64
    ) async throws -> [EarlierRating] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT a.seq, coalesce(r.scale, '') AS scale, r.value_number, r.value_label, count(*) AS count
                    FROM experiments e CROSS JOIN assignments a NOT INDEXED
                    CROSS JOIN interactions i INDEXED BY interactions_unit
                        ON i.deployment = e.deployment AND i.unit = \(Self.unit) AND i.seq <= a.interactions
                    CROSS JOIN ratings r INDEXED BY ratings_interaction
                        ON r.deployment = i.deployment AND r.interaction = i.id AND r.seq <= a.ratings
                    WHERE e.id = ? AND a.experiment = e.seq AND a.seq > ? AND a.seq <= ? AND a.excluded IS NULL
                        AND a.enrolled_as IS NULL
                    GROUP BY a.seq, scale, r.value_number, r.value_label ORDER BY a.seq
                    """, arguments: [experiment, sequence, last]
            ).map { row in
                EarlierRating(
                    assignment: row["seq"], scale: row["scale"],
                    value: RatingRows.value(row), count: row["count"])
            }
        }
    }

    /// Of the assignments after `sequence`, up to and with `last`, those of units that had asked nothing when the experiment
    /// began: sequence numbers of the assignments.
    package func newcomers(
        experiment: String, after sequence: Int64, through last: Int64
    ) async throws -> Set<Int64> {
        try await read { database in
            try Int64.fetchSet(
                database,
                sql: """
                    SELECT a.seq FROM experiments e CROSS JOIN assignments a NOT INDEXED
                    WHERE e.id = ? AND a.experiment = e.seq AND a.seq > ? AND a.seq <= ? AND a.excluded IS NULL
                        AND a.enrolled_as IS NULL AND NOT EXISTS (
                            SELECT 1 FROM interactions i INDEXED BY interactions_unit
                            WHERE i.deployment = e.deployment AND i.unit = \(Self.unit)
                                AND i.seq <= e.interactions)
                    """, arguments: [experiment, sequence, last])
        }
    }

    /// Units whose answers were rated since `from`, and how many of them had asked nothing before.
    package func ratedUnits(
        deployment: String, since from: Timestamp
    ) async throws -> (count: Int, newcomers: Int) {
        try await read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    SELECT count(*) AS count, count(*) - coalesce(sum(EXISTS (
                        SELECT 1 FROM interactions o INDEXED BY interactions_unit
                        WHERE o.deployment = ? AND o.unit = rated.unit AND o.time < ?)), 0) AS newcomers
                    FROM (
                        SELECT DISTINCT i.unit FROM ratings r INDEXED BY ratings_time
                        CROSS JOIN interactions i INDEXED BY interactions_id
                            ON i.deployment = r.deployment AND i.id = r.interaction
                        WHERE r.deployment = ? AND r.time >= ? AND i.unit IS NOT NULL) rated
                    """, arguments: [deployment, from, deployment, from])
            return (row?["count"] ?? 0, row?["newcomers"] ?? 0)
        }
    }

    /// Of the raters who rated answers from `from` until `end`, and of the units whose were rated, on a scale, how many came to so
    /// many rated interactions on their busiest day, by that number. Days go by when ratings were received, as those of an
    /// experiment do, so that who sends them together is not cut for it.
    package func busiestDays(
        deployment: String, scale: String, from: Timestamp, until end: Timestamp, daySeconds: Double
    ) async throws -> (raters: [Int: Int], units: [Int: Int]) {
        try await read { database in
            func people(_ who: String) throws -> [Int: Int] {
                let rows = try Row.fetchAll(
                    database,
                    sql: """
                        SELECT busiest, count(*) AS people FROM (
                            SELECT max(ratings) AS busiest FROM (
                                SELECT \(who) AS who, count(DISTINCT r.interaction) AS ratings
                                FROM ratings r INDEXED BY ratings_time
                                CROSS JOIN interactions i INDEXED BY interactions_id
                                    ON i.deployment = r.deployment AND i.id = r.interaction
                                WHERE r.deployment = ? AND r.time >= ? AND r.time < ? AND r.scale = ?
                                    AND i.unit IS NOT NULL
                                GROUP BY who, r.received / ?)
                            GROUP BY who)
                        GROUP BY busiest
                        """, arguments: [deployment, from, end, scale, Int64(max(1, daySeconds * 1000))])
                return Dictionary(uniqueKeysWithValues: rows.map { ($0["busiest"], $0["people"]) })
            }
            return (try people("coalesce(r.rater, i.unit)"), try people("i.unit"))
        }
    }

    /// Of the units that asked from `from` until `end`, how many came to so many requests on their busiest day, by that number. Days
    /// go by when requests were received.
    package func busiestDaysOfRequests(
        deployment: String, from: Timestamp, until end: Timestamp, daySeconds: Double
    ) async throws -> [Int: Int] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT busiest, count(*) AS units FROM (
                        SELECT max(requests) AS busiest FROM (
                            SELECT unit, count(*) AS requests FROM interactions INDEXED BY interactions_time
                            WHERE deployment = ? AND time >= ? AND time < ? AND unit IS NOT NULL
                            GROUP BY unit, received / ?)
                        GROUP BY unit)
                    GROUP BY busiest
                    """, arguments: [deployment, from, end, Int64(max(1, daySeconds * 1000))])
            return Dictionary(uniqueKeysWithValues: rows.map { ($0["busiest"], $0["units"]) })
        }
    }

    /// Interactions of the experiment's units that count, without texts, by sequence number; and those by which a unit is seen
    /// in both arms: answered by the other arm's adapter in a conversation that did not begin before its enrolment, though not
    /// by the gateway in one of the unit's own, where that stood in for an adapter that the server did not hold.
    package func experimentInteractions(
        experiment: String, position: LogPosition? = nil, after sequence: Int64 = 0, limit: Int
    ) async throws -> [ExperimentInteraction] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT i.seq, i.id, coalesce(a.enrolled_as, a.unit) AS unit, a.arm, i.time, i.received, i.adapter,
                        i.error IS NOT NULL AS failed, i.latency_ms, i.first_token_ms, i.prompt_tokens,
                        i.completion_tokens, i.adapter <> \(Self.ownAdapter) AS other_arm
                    FROM experiments e CROSS JOIN interactions i NOT INDEXED
                    CROSS JOIN assignments a ON \(Self.enrolled) AND (i.adapter = \(Self.ownAdapter)
                        OR i.adapter IN (e.candidate, e.incumbent) AND NOT EXISTS (
                            SELECT 1 FROM conversations c WHERE c.deployment = i.deployment
                                AND c.conversation = i.conversation AND c.time < a.time)
                            AND (i.from_gateway = 0 OR EXISTS (
                                SELECT 1 FROM conversations c WHERE c.deployment = i.deployment
                                    AND c.conversation = i.conversation AND c.unit IS NOT i.unit)))
                    WHERE e.id = ? AND i.deployment = e.deployment AND i.seq > ? AND i.seq <= ?
                    ORDER BY i.seq LIMIT ?
                    """, arguments: [experiment, sequence, position?.interactions ?? .max, limit]
            ).map { row in
                ExperimentInteraction(
                    sequence: row["seq"], id: row["id"], unit: try EnrolmentRows.pseudonym(row, "unit"),
                    arm: try EnrolmentRows.arm(row), time: try row.value("time"),
                    received: try row.value("received"), adapter: row["adapter"], failed: row["failed"],
                    latencyMilliseconds: row["latency_ms"],
                    timeToFirstTokenMilliseconds: row["first_token_ms"], promptTokens: row["prompt_tokens"],
                    completionTokens: row["completion_tokens"], isOtherArm: row["other_arm"])
            }
        }
    }

    /// Requests since `from` that an experiment could have counted, since they name unit and adapter, without texts; with
    /// each rater's latest rating on a scale. By sequence number.
    package func ratedRequests(
        deployment: String, scale: String, from: Timestamp, after sequence: Int64 = 0, limit: Int
    ) async throws -> [RatedRequest] {
        try await read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT seq, id, unit, time, error IS NOT NULL AS failed, latency_ms, first_token_ms, prompt_tokens,
                        completion_tokens FROM interactions NOT INDEXED
                    WHERE seq > ? AND deployment = ? AND time >= ? AND unit IS NOT NULL AND adapter IS NOT NULL
                    ORDER BY seq LIMIT ?
                    """, arguments: [sequence, deployment, from, limit])
            let ratings = try database.cachedStatement(
                sql: """
                    SELECT coalesce(rater, ?) AS rater, value_number, value_label, received
                    FROM ratings INDEXED BY ratings_interaction
                    WHERE deployment = ? AND interaction = ? AND scale = ? ORDER BY time, seq
                    """)
            return try rows.map { row in
                let unit: String = try row.value("unit")
                var latest: [String: RatedRequest.Opinion] = [:]
                for rating in try Row.fetchAll(
                    ratings, arguments: [unit, deployment, try row.value("id") as String, scale])
                {
                    let rater: String = try rating.value("rater")
                    latest[rater] = RatedRequest.Opinion(
                        rater: rater, value: RatingRows.value(rating), received: try rating.value("received"))
                }
                return RatedRequest(
                    sequence: row["seq"], unit: unit, time: try row.value("time"), failed: row["failed"],
                    latencyMilliseconds: row["latency_ms"], timeToFirstTokenMilliseconds: row["first_token_ms"],
                    promptTokens: row["prompt_tokens"], completionTokens: row["completion_tokens"],
                    opinions: latest.values.sorted { ($0.received, $0.rater) < ($1.received, $1.rater) })
            }
        }
    }

    /// Which interactions count for an assignment.
    private static let counts = "\(enrolled) AND i.adapter = \(ownAdapter)"

    private static let enrolled = """
        a.experiment = e.seq AND a.unit = compact_pseudonym(i.unit) AND a.excluded IS NULL AND i.time >= a.time
            AND i.seq > a.interactions
        """

    /// The assignment's unit as the log has it.
    private static let unit = CompactPseudonym.text(ofColumn: "a.unit")

    private static let ownAdapter = "CASE a.arm WHEN 1 THEN e.candidate ELSE e.incumbent END"

    /// A unit that was enrolled under an older key is named as it was then, also where it rates. A rater who is not the unit
    /// is a newcomer where they had neither rated nor asked when the experiment began.
    private static let ratingColumns = """
        r.seq, r.id, coalesce(a.enrolled_as, a.unit) AS unit, a.arm,
            CASE WHEN r.rater IS NULL OR r.rater = i.unit THEN coalesce(a.enrolled_as, a.unit)
                ELSE \(enrolledRater) END AS rater,
            r.interaction, i.seq AS interaction_seq, coalesce(r.scale, '') AS scale, r.value_number, r.value_label,
            r.time, r.received, i.adapter,
            \(byNewcomer) AS by_newcomer
        """

    /// A rater who is not the unit, as they were enrolled first.
    static let enrolledRater = """
        coalesce((SELECT x.enrolled_as FROM assignments x WHERE x.experiment = e.seq
                    AND x.unit = compact_pseudonym(r.rater) AND x.ratings < r.seq), r.rater)
        """

    static let byNewcomer = """
        r.rater IS NOT NULL AND r.rater <> i.unit AND NOT EXISTS (
                SELECT 1 FROM ratings o INDEXED BY ratings_rater
                WHERE o.deployment = e.deployment AND o.rater = r.rater AND o.seq <= e.ratings
            ) AND NOT EXISTS (
                SELECT 1 FROM interactions o INDEXED BY interactions_unit
                WHERE o.deployment = e.deployment AND o.unit = r.rater AND o.seq <= e.interactions
            )
        """

    private static func rating(_ row: Row) throws -> ExperimentRating {
        ExperimentRating(
            sequence: row["seq"], id: row["id"], unit: try EnrolmentRows.pseudonym(row, "unit"),
            arm: try EnrolmentRows.arm(row), rater: try EnrolmentRows.pseudonym(row, "rater"),
            interaction: row["interaction"], interactionSequence: row["interaction_seq"], scale: row["scale"],
            value: RatingRows.value(row), time: try row.value("time"), received: try row.value("received"),
            adapter: row["adapter"], isByNewcomer: row["by_newcomer"])
    }
}
