extension Migrations {
    /// Rows keep their sequence numbers, and none is given again that an erased row had. The index is made last, so that its
    /// pages are full.
    static let compactAssignments = """
        DROP INDEX assignments_unit;
        ALTER TABLE assignments RENAME TO assignments_before;
        CREATE TABLE assignments (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            experiment INTEGER NOT NULL REFERENCES experiments (seq),
            unit ANY NOT NULL CHECK (CASE typeof(unit) WHEN 'blob' THEN length(unit) = 16
                WHEN 'text' THEN length(unit) <> 32 OR unit GLOB '*[^0-9a-f]*' ELSE 0 END),
            arm INTEGER NOT NULL CHECK (arm IN (0, 1)),
            time INTEGER NOT NULL,
            exposure ANY NOT NULL CHECK (typeof(exposure) IN ('integer', 'real')),
            conversation ANY,
            excluded TEXT,
            enrolled_as ANY,
            interactions INTEGER NOT NULL,
            ratings INTEGER NOT NULL
        ) STRICT;
        INSERT INTO assignments (seq, experiment, unit, arm, time, exposure, conversation, excluded, enrolled_as,
            interactions, ratings)
        SELECT seq, (SELECT e.seq FROM experiments e WHERE e.id = a.experiment), compact_pseudonym(unit),
            CASE arm WHEN 'incumbent' THEN 0 WHEN 'candidate' THEN 1 END, time,
            CASE WHEN exposure BETWEEN 0 AND 1 AND round(exposure * 10000) / 10000.0 = exposure
                THEN CAST(round(exposure * 10000) AS INTEGER) ELSE exposure END,
            compact_pseudonym(conversation), excluded, compact_pseudonym(enrolled_as), interactions, ratings
        FROM assignments_before a ORDER BY seq;
        DELETE FROM sqlite_sequence WHERE name = 'assignments';
        UPDATE sqlite_sequence SET name = 'assignments' WHERE name = 'assignments_before';
        DROP TABLE assignments_before;
        CREATE UNIQUE INDEX assignments_unit ON assignments (unit, experiment);
        """
}
