extension Migrations {
    /// A pair goes with its interaction, and its judgements with it, by whatever way the interaction is removed.
    static let shadows = """
        CREATE TABLE shadow_replays (
            cycle TEXT PRIMARY KEY,
            deployment TEXT NOT NULL,
            incumbent TEXT NOT NULL,
            candidate TEXT NOT NULL,
            design TEXT NOT NULL,
            salt TEXT NOT NULL DEFAULT (lower(hex(randomblob(16)))),
            trained_units INTEGER NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            decision TEXT,
            look TEXT
        ) STRICT;
        CREATE INDEX shadow_replays_deployment ON shadow_replays (deployment, started);

        CREATE TABLE shadow_pairs (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            cycle TEXT NOT NULL REFERENCES shadow_replays (cycle) ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number > 0),
            interaction INTEGER NOT NULL REFERENCES interactions (seq) ON DELETE CASCADE,
            unit TEXT NOT NULL,
            incumbent_answer TEXT,
            candidate_answer TEXT,
            failure TEXT,
            UNIQUE (cycle, number)
        ) STRICT;
        CREATE INDEX shadow_pairs_interaction ON shadow_pairs (interaction);

        CREATE TABLE shadow_judgements (
            pair INTEGER NOT NULL REFERENCES shadow_pairs (seq) ON DELETE CASCADE,
            judge TEXT NOT NULL,
            value REAL NOT NULL CHECK (value >= 0 AND value <= 1),
            time INTEGER NOT NULL,
            PRIMARY KEY (pair, judge)
        ) STRICT, WITHOUT ROWID;
        """
}
