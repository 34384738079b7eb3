import Locking
import Logging
import Store
import Traffic

/// Appends to the log for the routes, remembers whether it is full, and writes the gateway's rows behind their answers.
final class GatewayLog: Sendable {
    private struct State {
        var underWay = 0
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isFull = false
        /// Ids of answers whose rows are not committed yet, with their deployments.
        var ids = Set<String>()
    }

    private let context: DaemonContext
    private let edge: TrafficEdge
    private let state = Locked(State())

    init(context: DaemonContext, edge: TrafficEdge) {
        self.context = context
        self.edge = edge
    }

    /// `DurableStore.append`, watched for a full disk.
    func append(
        _ entries: [LogEntry], mode: AppendMode = .allOrNothing, enrolments: Enrolments = Enrolments()
    ) async throws -> [AppendOutcome] {
        do {
            let outcomes = try await context.store.append(entries, mode: mode, enrolments: enrolments)
            state.withLock { $0.isFull = false }
            return outcomes
        } catch StoreError.full {
            state.withLock { $0.isFull = true }
            throw StoreError.full
        }
    }

    /// Whether a row would be kept now. The store is asked only after it has refused one.
    func accepts() async -> Bool {
        guard state.withLock({ $0.isFull }) else { return true }
        let accepts = (try? await context.store.health())?.acceptsIngest ?? false
        if accepts { state.withLock { $0.isFull = false } }
        return accepts
    }

    /// Takes an answer's id for its row; a fresh one where it has none, one that is in use, or one that no rating could name.
    func claim(_ id: String?, deployment: String) async -> String {
        if let id, Identifier.problem(id) == nil, id.utf8.count <= edge.limits.idBytes, take(id, deployment) {
            if (try? await context.store.interaction(deployment: deployment, id: id)) == .some(nil) { return id }
            release(id, deployment)
        }
        let fresh = context.identifier("retuned-")
        _ = take(fresh, deployment)
        return fresh
    }

    private func take(_ id: String, _ deployment: String) -> Bool {
        state.withLock { $0.ids.insert("\(deployment)\n\(id)").inserted }
    }

    private func release(_ id: String, _ deployment: String) {
        state.withLock { _ = $0.ids.remove("\(deployment)\n\(id)") }
    }

    /// Writes a row in the background: the answer does not wait for it.
    func write(_ interaction: Interaction, enrolments: Enrolments) {
        state.withLock { $0.underWay += 1 }
        Task {
            await keep(interaction, enrolments: enrolments)
            release(interaction.id, interaction.deployment)
            let waiters = state.withLock { state in
                state.underWay -= 1
                guard state.underWay == 0 else { return [CheckedContinuation<Void, Never>]() }
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }
    }

    private func keep(_ interaction: Interaction, enrolments: Enrolments) async {
        let logged = edge.gatewayInteraction(interaction, received: context.now())
        do {
            _ = try await append(
                [.interaction(logged, earlierHashes: logged.earlierBodyHashes)], enrolments: enrolments)
            context.metrics.add(1, to: .accepted)
        } catch {
            context.metrics.countUnlogged(deployment: interaction.deployment)
            context.logger.warning(
                "An answer of the gateway was not logged",
                metadata: ["deployment": "\(interaction.deployment)", "id": "\(interaction.id)", "error": "\(error)"])
        }
    }

    /// Returns when no row waits to be written.
    func settled() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if state.underWay > 0 { state.waiters.append(continuation) }
                return state.underWay == 0
            }
            if isSettled { continuation.resume() }
        }
    }
}
