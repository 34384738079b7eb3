import GRDB

extension DurableStore {
    private static let keyCounter = "pseudonym key "

    /// Remembers which keys the log's pseudonyms were made with, by fingerprint.
    ///
    /// - Throws: `StoreError.otherKey` where a key of the same id was another one, `.missingKey` where one is gone that rows
    ///   are stored under: no person in those rows would be found, nobody would keep their arm, and it would not be noticed.
    package func remember(keys: [(id: String, fingerprint: Int64)]) async throws {
        try await write { database in
            let known = try Row.fetchAll(
                database, sql: "SELECT name, value FROM counters WHERE substr(name, 1, ?) = ?",
                arguments: [Self.keyCounter.count, Self.keyCounter])
            var missing: [String] = []
            for row in known {
                let id = String((row["name"] as String).dropFirst(Self.keyCounter.count))
                guard let key = keys.first(where: { $0.id == id }) else {
                    missing.append(id)
                    continue
                }
                if key.fingerprint != row["value"] as Int64 { throw StoreError.otherKey(id: id) }
            }
            for key in keys {
                try database.execute(
                    sql: "INSERT OR IGNORE INTO counters (name, value) VALUES (?, ?)",
                    arguments: [Self.keyCounter + key.id, key.fingerprint])
            }
            for id in missing {
                let isUsed = try Bool.fetchOne(
                    database,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM interactions WHERE key_id = ?)
                            OR EXISTS (SELECT 1 FROM ratings WHERE key_id = ?)
                        """, arguments: [id, id])
                if isUsed == true { throw StoreError.missingKey(id: id) }
                try database.execute(sql: "DELETE FROM counters WHERE name = ?", arguments: [Self.keyCounter + id])
            }
        }
    }
}
