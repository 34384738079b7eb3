import GRDB

extension DurableStore {
    private static let keyCounter = "pseudonym key "

    /// Remembers which keys the log's pseudonyms were made with, by fingerprint.
    ///
    /// - Returns: ids of keys that rows were stored under and that are not among these any more.
    /// - Throws: `StoreError.otherKey` where a key of the same id was another one: with it no person who is in the log would
    ///   be found, nobody would keep their arm, and it would not be noticed.
    package func remember(keys: [(id: String, fingerprint: Int64)]) async throws -> [String] {
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
            return try missing.filter { id in
                let isUsed = try Bool.fetchOne(
                    database,
                    sql: """
                        SELECT EXISTS (SELECT 1 FROM interactions WHERE key_id = ?)
                            OR EXISTS (SELECT 1 FROM ratings WHERE key_id = ?)
                        """, arguments: [id, id])
                if isUsed != true {
                    try database.execute(
                        sql: "DELETE FROM counters WHERE name = ?", arguments: [Self.keyCounter + id])
                }
                return isUsed == true
            }
        }
    }
}
