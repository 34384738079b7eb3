extension Migrations {
    /// In thousandths of a nat; null: the incumbent was asked and gave no figure. What goes with the assignment goes with it.
    static let difficulties = """
        CREATE TABLE difficulties (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            assignment INTEGER NOT NULL REFERENCES assignments (seq) ON DELETE CASCADE,
            value INTEGER
        ) STRICT;
        ALTER TABLE looks ADD COLUMN difficulties INTEGER NOT NULL DEFAULT 0;
        """
}
