import GRDB
package import Values

extension DurableStore {
    package func insert(token: TokenRecord) async throws {
        try await write { database in
            try database.execute(
                sql: """
                    INSERT INTO tokens (id, name, hash, scopes, deployment, created, revoked, expires, last_used)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    token.id, token.name, Blob(token.hash), token.scopes.joined(separator: " "), token.deployment,
                    token.created, token.revoked, token.expires, token.lastUsed,
                ])
        }
    }

    /// False where there is no such token or it was revoked before.
    package func revokeToken(id: String, at time: Timestamp) async throws -> Bool {
        try await write { database in
            try database.execute(
                sql: "UPDATE tokens SET revoked = ? WHERE id = ? AND revoked IS NULL", arguments: [time, id])
            return database.changesCount > 0
        }
    }

    /// Notes when tokens were last used, by their ids; an earlier time than the stored one changes nothing.
    package func noteUses(of tokens: [String: Timestamp]) async throws {
        try await write { database in
            for (id, time) in tokens {
                try database.execute(
                    sql: "UPDATE tokens SET last_used = ? WHERE id = ? AND (last_used IS NULL OR last_used < ?)",
                    arguments: [time, id, time])
            }
        }
    }

    /// All tokens, revoked ones as well, the first first. Compare hashes in constant time.
    package func tokens() async throws -> [TokenRecord] {
        try await read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM tokens ORDER BY created, id").map(Self.token)
        }
    }

    package func token(id: String) async throws -> TokenRecord? {
        try await read { database in
            try Row.fetchOne(database, sql: "SELECT * FROM tokens WHERE id = ?", arguments: [id]).map(Self.token)
        }
    }

    private static func token(_ row: Row) throws -> TokenRecord {
        let hash: Blob = try row.value("hash")
        let scopes: String = row["scopes"]
        return TokenRecord(
            id: row["id"], name: row["name"], hash: hash.bytes, scopes: scopes.split(separator: " ").map(String.init),
            deployment: row["deployment"], created: try row.value("created"), revoked: row["revoked"],
            expires: row["expires"], lastUsed: row["last_used"])
    }
}
