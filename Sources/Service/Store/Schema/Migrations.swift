import GRDB

/// The schema's history. A migration that has been released is never edited; a change is a new one at the end.
/// `docs/store.md` describes the tables as they are after the last.
enum Migrations {
    static var all: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 log") { try $0.execute(sql: log) }
        migrator.registerMigration("2 loop") { try $0.execute(sql: loop) }
        migrator.registerMigration("3 experiments") { try $0.execute(sql: experiments) }
        migrator.registerMigration("4 outbox and access") { try $0.execute(sql: outboxAndAccess) }
        migrator.registerMigration("5 expiry of tokens") { try $0.execute(sql: expiry) }
        migrator.registerMigration("6 places of looks and enrolments") { try $0.execute(sql: places) }
        migrator.registerMigration("7 rows of open jobs") { try $0.execute(sql: openJobs) }
        migrator.registerMigration("8 people and bases of adapters") { try $0.execute(sql: origins) }
        migrator.registerMigration("9 shadow replay") { try $0.execute(sql: shadows) }
        migrator.registerMigration("10 compact assignments") { try $0.execute(sql: compactAssignments) }
        migrator.registerMigration("11 difficulties") { try $0.execute(sql: difficulties) }
        return migrator
    }

    private static let log = """
        CREATE TABLE interactions (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment TEXT NOT NULL,
            id TEXT NOT NULL,
            time INTEGER NOT NULL,
            received INTEGER NOT NULL,
            unit TEXT,
            conversation TEXT,
            adapter TEXT,
            key_id TEXT NOT NULL,
            body_hash BLOB NOT NULL,
            record TEXT NOT NULL,
            messages TEXT NOT NULL,
            response TEXT,
            error TEXT,
            latency_ms REAL,
            first_token_ms REAL,
            prompt_tokens INTEGER,
            completion_tokens INTEGER,
            log_probability REAL,
            metadata TEXT,
            redacted_response TEXT,
            redactions TEXT,
            from_gateway INTEGER NOT NULL CHECK (from_gateway IN (0, 1)),
            CHECK ((response IS NULL) <> (error IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX interactions_id ON interactions (deployment, id);
        CREATE INDEX interactions_time ON interactions (deployment, time);
        CREATE INDEX interactions_unit ON interactions (deployment, unit) WHERE unit IS NOT NULL;

        CREATE TABLE ratings (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment TEXT NOT NULL,
            id TEXT NOT NULL,
            interaction TEXT NOT NULL,
            time INTEGER NOT NULL,
            received INTEGER NOT NULL,
            rater TEXT,
            scale TEXT,
            value_number REAL,
            value_label TEXT,
            comment TEXT,
            correction TEXT,
            key_id TEXT NOT NULL,
            body_hash BLOB NOT NULL,
            record TEXT NOT NULL,
            redacted_correction TEXT,
            redactions TEXT,
            CHECK ((value_number IS NULL) <> (value_label IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX ratings_id ON ratings (deployment, id);
        CREATE INDEX ratings_interaction ON ratings (deployment, interaction);
        CREATE INDEX ratings_time ON ratings (deployment, time);
        CREATE INDEX ratings_rater ON ratings (deployment, rater) WHERE rater IS NOT NULL;
        """

    private static let loop = """
        CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

        CREATE TABLE loops (
            deployment TEXT PRIMARY KEY,
            revision INTEGER NOT NULL CHECK (revision > 0),
            version INTEGER NOT NULL,
            bytes BLOB NOT NULL
        ) STRICT;

        CREATE TABLE cycles (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT NOT NULL,
            state TEXT NOT NULL,
            trigger_kind TEXT NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            outcome TEXT,
            reason TEXT,
            details TEXT NOT NULL
        ) STRICT;
        CREATE INDEX cycles_deployment ON cycles (deployment, seq);

        CREATE TABLE transitions (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            deployment TEXT NOT NULL,
            cycle TEXT,
            from_state TEXT NOT NULL,
            to_state TEXT NOT NULL,
            time INTEGER NOT NULL,
            actor TEXT NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        CREATE INDEX transitions_deployment ON transitions (deployment, seq);
        CREATE INDEX transitions_cycle ON transitions (cycle, seq);

        CREATE TABLE detectors (
            deployment TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            bytes BLOB NOT NULL,
            interactions INTEGER NOT NULL,
            ratings INTEGER NOT NULL,
            PRIMARY KEY (deployment, name)
        ) STRICT;

        CREATE TABLE dossier_parts (
            cycle TEXT NOT NULL,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (cycle, name)
        ) STRICT;

        CREATE TABLE adapters (
            name TEXT PRIMARY KEY,
            deployment TEXT NOT NULL,
            version INTEGER NOT NULL CHECK (version > 0),
            parent TEXT,
            status TEXT NOT NULL,
            cycle TEXT,
            created INTEGER NOT NULL,
            folder TEXT,
            digest TEXT,
            trained_parameters INTEGER,
            metrics TEXT NOT NULL,
            erased_records INTEGER NOT NULL,
            UNIQUE (deployment, version)
        ) STRICT;

        CREATE TABLE lineage (
            adapter TEXT NOT NULL REFERENCES adapters (name),
            record TEXT NOT NULL,
            interaction TEXT NOT NULL,
            rating TEXT,
            data_set TEXT NOT NULL CHECK (data_set IN ('train', 'heldout', 'old')),
            weight REAL NOT NULL,
            PRIMARY KEY (adapter, data_set, record)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX lineage_interaction ON lineage (interaction);

        CREATE TABLE jobs (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT NOT NULL,
            cycle TEXT,
            kind TEXT NOT NULL,
            folder TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            cpu_seconds REAL NOT NULL,
            started INTEGER,
            ended INTEGER
        ) STRICT;
        CREATE INDEX jobs_cycle ON jobs (cycle);

        CREATE TABLE actions (
            deployment TEXT NOT NULL,
            id TEXT NOT NULL,
            created INTEGER NOT NULL,
            request TEXT NOT NULL,
            result TEXT NOT NULL,
            PRIMARY KEY (deployment, id)
        ) STRICT;
        """

    private static let experiments = """
        CREATE TABLE experiments (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT NOT NULL,
            cycle TEXT NOT NULL,
            incumbent TEXT NOT NULL,
            candidate TEXT NOT NULL,
            salt TEXT NOT NULL,
            design TEXT NOT NULL,
            version INTEGER NOT NULL,
            state BLOB NOT NULL,
            started INTEGER NOT NULL,
            ended INTEGER,
            decision TEXT,
            reason TEXT,
            erased_units INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX experiments_deployment ON experiments (deployment, seq);

        CREATE TABLE looks (
            experiment TEXT NOT NULL REFERENCES experiments (id),
            number INTEGER NOT NULL CHECK (number > 0),
            time INTEGER NOT NULL,
            interactions INTEGER NOT NULL,
            ratings INTEGER NOT NULL,
            result TEXT NOT NULL,
            PRIMARY KEY (experiment, number)
        ) STRICT;

        CREATE TABLE assignments (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            experiment TEXT NOT NULL REFERENCES experiments (id),
            unit TEXT NOT NULL,
            arm TEXT NOT NULL,
            time INTEGER NOT NULL,
            exposure REAL NOT NULL,
            conversation TEXT,
            excluded TEXT,
            UNIQUE (experiment, unit)
        ) STRICT;
        CREATE INDEX assignments_unit ON assignments (unit);

        CREATE TABLE conversations (
            deployment TEXT NOT NULL,
            conversation TEXT NOT NULL,
            unit TEXT,
            arm TEXT NOT NULL,
            adapter TEXT NOT NULL,
            time INTEGER NOT NULL,
            PRIMARY KEY (deployment, conversation)
        ) STRICT;
        CREATE INDEX conversations_unit ON conversations (unit) WHERE unit IS NOT NULL;
        CREATE INDEX conversations_time ON conversations (deployment, time);
        """

    private static let outboxAndAccess = """
        CREATE TABLE outbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            deployment TEXT,
            type TEXT NOT NULL,
            payload BLOB NOT NULL,
            created INTEGER NOT NULL,
            distributed INTEGER NOT NULL CHECK (distributed IN (0, 1))
        ) STRICT;
        CREATE INDEX outbox_undistributed ON outbox (seq) WHERE distributed = 0;

        CREATE TABLE deliveries (
            event TEXT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
            endpoint TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'dead')),
            attempts INTEGER NOT NULL,
            next_attempt INTEGER NOT NULL,
            last_attempt INTEGER,
            last_error TEXT,
            PRIMARY KEY (event, endpoint)
        ) STRICT;
        CREATE INDEX deliveries_pending ON deliveries (next_attempt) WHERE status = 'pending';

        CREATE TABLE disabled_endpoints (
            endpoint TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            since INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE tokens (
            id TEXT PRIMARY KEY,
            name TEXT NOT NULL,
            hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
            scopes TEXT NOT NULL,
            deployment TEXT,
            created INTEGER NOT NULL,
            revoked INTEGER
        ) STRICT;
        """

    private static let expiry = """
        ALTER TABLE tokens ADD COLUMN expires INTEGER;
        ALTER TABLE tokens ADD COLUMN last_used INTEGER;
        """

    private static let places = """
        ALTER TABLE experiments ADD COLUMN interactions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE experiments ADD COLUMN ratings INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE looks ADD COLUMN assignments INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE assignments ADD COLUMN enrolled_as TEXT;
        ALTER TABLE assignments ADD COLUMN interactions INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE assignments ADD COLUMN ratings INTEGER NOT NULL DEFAULT 0;
        """

    private static let openJobs = """
        CREATE TABLE open_jobs (
            id TEXT PRIMARY KEY,
            deployment TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE open_job_rows (
            job TEXT NOT NULL REFERENCES open_jobs (id) ON DELETE CASCADE,
            record TEXT NOT NULL,
            interaction TEXT NOT NULL,
            rating TEXT,
            data_set TEXT NOT NULL CHECK (data_set IN ('train', 'heldout', 'old')),
            weight REAL NOT NULL,
            PRIMARY KEY (job, data_set, record)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX open_job_rows_interaction ON open_job_rows (interaction);
        CREATE INDEX open_job_rows_rating ON open_job_rows (rating) WHERE rating IS NOT NULL;
        """

    private static let origins = """
        ALTER TABLE adapters ADD COLUMN base_digest TEXT;
        ALTER TABLE lineage ADD COLUMN unit TEXT;
        ALTER TABLE lineage ADD COLUMN rater TEXT;
        UPDATE lineage SET
            unit = (SELECT i.unit FROM adapters a JOIN interactions i ON i.deployment = a.deployment
                WHERE a.name = lineage.adapter AND i.id = lineage.interaction),
            rater = (SELECT r.rater FROM adapters a JOIN ratings r ON r.deployment = a.deployment
                WHERE a.name = lineage.adapter AND r.id = lineage.rating);
        CREATE INDEX lineage_unit ON lineage (unit) WHERE unit IS NOT NULL;
        CREATE INDEX lineage_rater ON lineage (rater) WHERE rater IS NOT NULL;
        ALTER TABLE open_job_rows ADD COLUMN unit TEXT;
        ALTER TABLE open_job_rows ADD COLUMN rater TEXT;
        UPDATE open_job_rows SET
            unit = (SELECT i.unit FROM open_jobs j JOIN interactions i ON i.deployment = j.deployment
                WHERE j.id = open_job_rows.job AND i.id = open_job_rows.interaction),
            rater = (SELECT r.rater FROM open_jobs j JOIN ratings r ON r.deployment = j.deployment
                WHERE j.id = open_job_rows.job AND r.id = open_job_rows.rating);
        """
}
