import GRDB
import Locking

/// The one writer: takes whatever is queued when the last commit has returned, as one transaction (see `DurableStore`).
final class GroupCommitWriter: Sendable {
    enum Urgency: Sendable {
        /// Refused on a full disk.
        case ingest
        /// Runs again in the ballast's room on a full disk.
        case essential
    }

    /// A queued write. `perform` may run a second time, in a later transaction, if the first was rolled back.
    private struct Operation: Sendable {
        var urgency: Urgency
        var change: StoreChange?
        /// Does the work and returns what answers the caller after the commit.
        var perform: @Sendable (Database) throws -> @Sendable () -> Void
        var fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var queue: [Operation] = []
        var isDraining = false
        var isClosed = false
        var failure: StoreError?
        var statistics = StoreStatistics(commits: 0, operations: 0)
    }

    private let pool: DatabasePool
    private let ballast: Ballast
    private let logPath: String
    private let options: StoreOptions
    private let signals: ChangeSignals
    private let state = Locked(State())

    init(pool: DatabasePool, ballast: Ballast, logPath: String, options: StoreOptions, signals: ChangeSignals) {
        self.pool = pool
        self.ballast = ballast
        self.logPath = logPath
        self.options = options
        self.signals = signals
        _ = ballast.restore()
    }

    func submit<Value: Sendable>(
        _ urgency: Urgency, changing change: StoreChange?, _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
            let operation = Operation(
                urgency: urgency, change: change,
                perform: { database in
                    let value = try body(database)
                    return { continuation.resume(returning: value) }
                },
                fail: { continuation.resume(throwing: $0) })
            let (refusal, starts) = state.withLock { state -> (StoreError?, Bool) in
                if let failure = state.failure { return (failure, false) }
                if state.isClosed { return (.closed, false) }
                state.queue.append(operation)
                defer { state.isDraining = true }
                return (nil, !state.isDraining)
            }
            if let refusal {
                operation.fail(refusal)
            } else if starts {
                pool.asyncWriteWithoutTransaction { self.drain($0) }
            }
        }
    }

    /// Runs `body` on the writer's connection between transactions, after what is queued now.
    func alone<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await pool.writeWithoutTransaction(body)
        } catch {
            throw noted(Failures.storeError(error))
        }
    }

    func close() async throws {
        let wasOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed && state.failure == nil
        }
        signals.end()
        guard wasOpen else { return }
        try await alone { database in
            // Nothing joins the queue any more, so after this group everybody has been answered.
            self.takeGroup(database)
            _ = try database.checkpoint(.truncate)
        }
    }

    /// Remembers a fatal error and tells of the first; returns the error.
    func noted(_ error: any Error) -> any Error {
        guard let error = error as? StoreError, error.isFatal else { return error }
        let isFirst = state.withLock { state in
            defer { state.failure = state.failure ?? error }
            return state.failure == nil
        }
        if isFirst { options.onFailure(error) }
        return error
    }

    /// The fatal error, if there was one.
    var failure: StoreError? { state.withLock { $0.failure } }

    var statistics: StoreStatistics { state.withLock { $0.statistics } }

    var hasBallast: Bool { ballast.isThere }

    func restoreBallast() -> Bool { ballast.restore() }

    /// One group, and another turn of the queue if more came meanwhile, so that `alone` gets its turn between.
    private func drain(_ database: Database) {
        takeGroup(database)
        let goesOn = state.withLock { state in
            state.isDraining = !state.queue.isEmpty
            return state.isDraining
        }
        if goesOn { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    private func takeGroup(_ database: Database) {
        let operations = state.withLock { state in
            defer { state.queue = [] }
            return state.queue
        }
        if operations.isEmpty { return }
        if let failure {
            for operation in operations { operation.fail(failure) }
            return
        }
        admit(operations, database)
        checkpointIfLarge(database)
    }

    private func admit(_ operations: [Operation], _ database: Database) {
        var admitted = operations
        if operations.contains(where: { $0.urgency == .ingest }), !ballast.restore() {
            admitted = refuseIngest(of: operations)
        }
        guard let error = commit(admitted, database) else { return }
        if case StoreError.full = error, ballast.release() {
            let essential = refuseIngest(of: admitted)
            guard let second = commit(essential, database) else { return }
            for operation in essential { operation.fail(second) }
        } else {
            for operation in admitted { operation.fail(error) }
        }
    }

    private func refuseIngest(of operations: [Operation]) -> [Operation] {
        for operation in operations where operation.urgency == .ingest { operation.fail(StoreError.full) }
        return operations.filter { $0.urgency == .essential }
    }

    /// One transaction over `operations`; nil: it is durable and every caller is answered. An error: nothing was stored
    /// and nobody was answered.
    private func commit(_ operations: [Operation], _ database: Database) -> (any Error)? {
        if operations.isEmpty { return nil }
        var answers: [() -> Void] = []
        do {
            try database.inTransaction(.immediate) {
                for operation in operations {
                    do {
                        var answer: (@Sendable () -> Void)?
                        try database.inSavepoint {
                            answer = try operation.perform(database)
                            return .commit
                        }
                        if let answer { answers.append(answer) }
                    } catch {
                        let error = Failures.storeError(error)
                        // Some errors make SQLite roll the whole transaction back, and a full disk or a failing one
                        // concerns all of it.
                        if !database.isInsideTransaction || concernsAll(error) { throw error }
                        answers.append { operation.fail(error) }
                    }
                }
                return .commit
            }
        } catch {
            return noted(Failures.storeError(error))
        }
        state.withLock { state in
            state.statistics.commits += 1
            state.statistics.operations += operations.count
        }
        let changes = Set(operations.compactMap(\.change))
        for answer in answers { answer() }
        if !changes.isEmpty { signals.send(changes) }
        return nil
    }

    private func concernsAll(_ error: any Error) -> Bool {
        guard let error = error as? StoreError else { return false }
        return error == .full || error.isFatal
    }

    private func checkpointIfLarge(_ database: Database) {
        guard PrivateFiles.size(logPath) > options.checkpointBytes else { return }
        do {
            // A reader may hold part of the log; what is left is taken next time.
            _ = try database.checkpoint(.passive)
        } catch {
            _ = noted(Failures.storeError(error))
        }
    }
}
