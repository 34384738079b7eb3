import GRDB
import Traffic
package import Values

/// When those came to rate who were not there before, whether they are enrolled or not. As with the other rows of an
/// experiment, a query costs what is new.
extension DurableStore {
    /// Ratings with which units or raters came that were not there when the experiment began, by the rating's sequence number,
    /// after `sequence` and within `position`: the first of an answer to the unit, and the first of the rater.
    ///
    /// Where ratings come before what they rate, a newcomer may have several, of which the first to be seen counts.
    package func newcomerRatings(
        experiment: String, position: LogPosition? = nil, after sequence: Int64 = 0, limit: Int
    ) async throws -> [NewcomerRating] {
        try await read { database in
            let end = position ?? LogPosition(interactions: .max, ratings: .max)
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.newcomerColumns) FROM experiments e CROSS JOIN ratings r NOT INDEXED
                    CROSS JOIN interactions i INDEXED BY interactions_id
                        ON i.deployment = r.deployment AND i.id = r.interaction AND i.seq <= ?
                    WHERE e.id = ? AND r.deployment = e.deployment AND r.seq > max(?, e.ratings) AND r.seq <= ?
                        AND (unit_comes OR rater_comes)
                    ORDER BY r.seq LIMIT ?
                    """, arguments: [end.interactions, experiment, sequence, end.ratings, limit]
            ).map(Self.newcomerRating)
        }
    }

    /// Of the interactions between two positions, such ratings that had come before the first.
    package func earlyNewcomerRatings(
        experiment: String, from: LogPosition, to: LogPosition
    ) async throws -> [NewcomerRating] {
        try await read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT \(Self.newcomerColumns) FROM experiments e CROSS JOIN interactions i NOT INDEXED
                    CROSS JOIN ratings r INDEXED BY ratings_interaction
                        ON r.deployment = i.deployment AND r.interaction = i.id AND r.seq > e.ratings AND r.seq <= ?
                    WHERE e.id = ? AND i.deployment = e.deployment AND i.seq > ? AND i.seq <= ?
                        AND (unit_comes OR rater_comes)
                    ORDER BY r.seq
                    """, arguments: [from.ratings, experiment, from.interactions, to.interactions]
            ).map(Self.newcomerRating)
        }
    }

    /// How many came to rate in each of `hours` spans of time before `end`, of those who had neither asked nor rated before
    /// the first of them; by when the first rating of each was received. The last span ends at `end`.
    ///
    /// - Parameters:
    ///   - hourSeconds: the length of a span, a millisecond or more.
    ///   - names: who is not counted.
    package func newcomersByHour(
        deployment: String, before end: Timestamp, hours: Int, hourSeconds: Double, except names: Set<String> = []
    ) async throws -> [Int] {
        let excepted = String(decoding: try StrictJSON.encodeBytes(names.sorted()), as: UTF8.self)
        let from = end.advanced(bySeconds: -Double(hours) * hourSeconds)
        let length = max(1, Int64(hourSeconds * 1000))
        return try await read { database in
            var counts = [Int](repeating: 0, count: hours)
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT (came.first - :from) / :length AS hour, count(*) AS count FROM (
                        SELECT name, min(received) AS first FROM (
                            SELECT i.unit AS name, r.received FROM ratings r INDEXED BY ratings_time
                            CROSS JOIN interactions i INDEXED BY interactions_id
                                ON i.deployment = r.deployment AND i.id = r.interaction
                            WHERE r.deployment = :deployment AND r.time >= :from AND i.unit IS NOT NULL
                            UNION ALL
                            SELECT r.rater, r.received FROM ratings r INDEXED BY ratings_time
                            WHERE r.deployment = :deployment AND r.time >= :from AND r.rater IS NOT NULL)
                        GROUP BY name) came
                    WHERE came.first >= :from AND came.first < :end
                        AND came.name NOT IN (SELECT value FROM json_each(:excepted)) AND NOT EXISTS (
                            SELECT 1 FROM interactions o INDEXED BY interactions_unit
                            WHERE o.deployment = :deployment AND o.unit = came.name AND o.time < :from)
                        AND NOT EXISTS (
                            SELECT 1 FROM ratings o INDEXED BY ratings_rater
                            WHERE o.deployment = :deployment AND o.rater = came.name AND o.time < :from)
                    GROUP BY hour
                    """,
                arguments: ["deployment": deployment, "from": from, "end": end, "length": length, "excepted": excepted])
            // The last span takes what rounding leaves over.
            for row in rows { counts[min(hours - 1, row["hour"])] += row["count"] }
            return counts
        }
    }

    /// The unit as it was enrolled first; a rater who is not the unit likewise. It comes with this one where nothing of it stands
    /// before, neither the rating nor what it rates.
    private static let newcomerColumns = """
        r.seq, i.seq AS interaction_seq, r.received, \(enrolledUnit) AS unit, \(enrolledRater) AS rater,
            i.unit IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM interactions o INDEXED BY interactions_unit
                WHERE o.deployment = e.deployment AND o.unit = \(enrolledUnit) AND o.seq <= e.interactions
            ) AND NOT EXISTS (
                SELECT 1 FROM interactions o INDEXED BY interactions_unit
                CROSS JOIN ratings q INDEXED BY ratings_interaction
                    ON q.deployment = o.deployment AND q.interaction = o.id
                WHERE o.deployment = e.deployment AND o.unit = i.unit AND o.seq <= i.seq AND q.seq > e.ratings
                    AND q.seq < r.seq
            ) AS unit_comes,
            \(byNewcomer) AND NOT EXISTS (
                SELECT 1 FROM ratings q INDEXED BY ratings_rater
                CROSS JOIN interactions o INDEXED BY interactions_id
                    ON o.deployment = q.deployment AND o.id = q.interaction
                WHERE q.deployment = e.deployment AND q.rater = r.rater AND q.seq > e.ratings AND q.seq < r.seq
                    AND o.seq <= i.seq AND o.unit IS NOT q.rater
            ) AS rater_comes
        """

    private static let enrolledUnit = """
        coalesce((SELECT \(CompactPseudonym.text(ofColumn: "x.enrolled_as")) FROM assignments x
                WHERE x.experiment = e.seq AND x.unit = compact_pseudonym(i.unit) AND x.interactions < i.seq), i.unit)
        """

    private static func newcomerRating(_ row: Row) throws -> NewcomerRating {
        var newcomers: [String] = []
        if row["unit_comes"] == true { newcomers.append(try EnrolmentRows.pseudonym(row, "unit")) }
        if row["rater_comes"] == true { newcomers.append(try EnrolmentRows.pseudonym(row, "rater")) }
        return NewcomerRating(
            sequence: row["seq"], interactionSequence: row["interaction_seq"], newcomers: newcomers,
            received: try row.value("received"))
    }
}
