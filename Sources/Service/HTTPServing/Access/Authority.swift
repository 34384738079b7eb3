import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Locking
import Store
import Values

/// Tells who asks: by bearer token, or by the peer of the Unix socket.
final class Authority: Sendable {
    private struct Cache {
        var tokens: [String: TokenRecord] = [:]
        /// Counts revocations, so that a look-up under way then keeps nothing that is no longer true.
        var generation = 0
        /// When tokens were last used, of those whose use is not in the store yet.
        var uses: [String: Timestamp] = [:]
    }

    private static let keptTokens = 10_000
    private let context: DaemonContext
    private let cache = Locked(Cache())

    init(context: DaemonContext) {
        self.context = context
    }

    /// The caller of a request that needs `scope`. Throws 401 and 403.
    func caller(of request: Request, peer: Peer, scope: Scope) async throws -> Caller {
        let caller = try await identify(request, peer: peer)
        if scope == .admin {
            guard case .unix = peer else { throw AccessProblem.unixOnly }
        }
        guard caller.scopes.contains(scope) else { throw AccessProblem.missing(scope, actor: caller.actor) }
        return caller
    }

    private func identify(_ request: Request, peer: Peer) async throws -> Caller {
        if let text = Self.token(in: request.headers) { return try await caller(token: text) }
        switch peer {
        case .unix(_, let user, let group):
            guard context.mayOperate(user, group) else {
                throw AccessProblem.noToken(
                    "The user \(user) may not operate this daemon; add it to one of the operatorGroups, or send a token."
                )
            }
            return Caller(actor: "unix:\(user)", scopes: Set(Scope.allCases))
        case .tcp:
            throw AccessProblem.noToken(
                "The request has no token; send `Authorization: Bearer rt_…` (made with `retunectl tokens create`).")
        }
    }

    private func caller(token text: String) async throws -> Caller {
        let record = try await BearerToken.id(of: text).asyncMap { id in try await self.record(id) } ?? nil
        let isRight = BearerToken.isEqual(
            BearerToken.hash(text), record?.hash ?? [UInt8](repeating: 0, count: 32))
        guard let record, isRight else {
            throw AccessProblem.noToken("The token is not known; check that all of it was copied, or make a new one.")
        }
        if let revoked = record.revoked {
            throw AccessProblem.noToken("The token \(record.name) was revoked at \(revoked); make a new one.")
        }
        let now = context.now()
        if let expires = record.expires, now >= expires { throw AccessProblem.expired(record.name, at: expires) }
        cache.withLock { $0.uses[record.id] = now }
        return Caller(
            actor: "token:\(record.name)", scopes: Set(record.scopes.compactMap(Scope.init)),
            deployment: record.deployment)
    }

    private func record(_ id: String) async throws -> TokenRecord? {
        let (known, generation) = cache.withLock { ($0.tokens[id], $0.generation) }
        if let known { return known }
        guard let record = try await context.store.token(id: id) else { return nil }
        cache.withLock { cache in
            guard cache.generation == generation else { return }
            if cache.tokens.count >= Self.keptTokens { cache.tokens = [:] }
            cache.tokens[id] = record
        }
        return record
    }

    /// When a token was last used, where the store does not know it yet.
    func lastUse(of id: String) -> Timestamp? { cache.withLock { $0.uses[id] } }

    /// Writes down when tokens were used: behind the requests, as often as it is called. What is used meanwhile, or cannot
    /// be written, is written the next time.
    func noteUses() async throws {
        let uses = cache.withLock { cache in
            defer { cache.uses = [:] }
            return cache.uses
        }
        guard !uses.isEmpty else { return }
        do {
            try await context.store.noteUses(of: uses)
        } catch {
            cache.withLock { $0.uses.merge(uses) { newer, _ in newer } }
            throw error
        }
    }

    /// Forgets what it knows of tokens; called after a revocation is committed.
    func forget() {
        cache.withLock { cache in
            cache.tokens = [:]
            cache.generation += 1
        }
    }

    private static func token(in headers: HTTPFields) -> String? {
        if let key = HTTPField.Name("x-api-key").flatMap({ headers[$0] }) { return key }
        guard let value = headers[.authorization] else { return nil }
        let words = value.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else { return "" }
        return words[1].filter { $0 != " " }
    }
}

extension Optional where Wrapped: Sendable {
    /// `map` for a transformation that suspends.
    func asyncMap<Value>(_ transform: (Wrapped) async throws -> Value) async throws -> Value? {
        guard let self else { return nil }
        return try await transform(self)
    }
}
