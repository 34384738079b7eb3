import GRDB
import Locking

/// The daemon's durable state: one SQLite database in WAL mode, in a private folder that one process holds.
///
/// How a write becomes durable:
/// 1. A caller's operation joins the queue of the one writer and the caller suspends.
/// 2. When the writer is free it takes whatever is queued, as one transaction with a savepoint an operation, so that one
///    refused operation costs the others nothing. There is no timer: a lone caller waits for its own sync only, and many
///    callers share one.
/// 3. `COMMIT` returns after the write-ahead log is synced (`synchronous=FULL`, asserted after opening). Only then are the
///    callers answered.
/// 4. The writer alone checkpoints, between transactions, once the log has grown past its limit.
///
/// A full disk: the transaction is rolled back, ingest is refused with `StoreError.full`, the ballast file is removed and
/// what must go on (erasure, retention, the loop, the outbox) runs again in the room it leaves. Ingest is accepted again
/// when the ballast could be made anew. A failed sync or read is final: the kernel may have dropped the pages, so nothing
/// is retried, every later call throws, and the daemon leaves.
///
/// Reads run on a few connections of their own and see only what is committed. Sequence numbers are given in the order of
/// commits, so a reader that pages by them misses nothing and sees nothing twice.
package final class DurableStore: Sendable {
    /// Folder of the database, absolute.
    package let folder: String
    let pool: DatabasePool
    let writer: GroupCommitWriter
    let lock: FolderLock
    let signals: ChangeSignals
    private let reads = Locked(Reads())

    private struct Reads {
        var underWay = 0
        var isClosed = false
        var whoWaits: [CheckedContinuation<Void, Never>] = []
    }

    /// Opens the store in `folder`, which is made (0700) where it is absent, and brings its schema up to date.
    ///
    /// Throws `StoreError.locked` where another process has it, `.cannotOpen` where a setting does not hold after
    /// opening or the file is not a database of ours, and `.full`.
    package init(folder: String, options: StoreOptions = StoreOptions()) throws {
        self.folder = folder
        try PrivateFiles.makeFolder(folder)
        lock = try FolderLock(folder: folder)
        signals = ChangeSignals()
        let ballast = Ballast(path: folder + "/ballast", bytes: options.ballastBytes)
        let path = folder + "/retuned.sqlite"
        do {
            pool = try Connections.open(path: path, readers: options.readers)
        } catch StoreError.full where ballast.release() {
            pool = try Connections.open(path: path, readers: options.readers)
        }
        writer = GroupCommitWriter(
            pool: pool, ballast: ballast, logPath: path + "-wal", options: options, signals: signals)
    }

    deinit {
        try? pool.close()
    }

    /// Waits for what is queued and for reads under way, empties the write-ahead log into the database and lets go of the folder.
    package func close() async throws {
        try await writer.close()
        await endReads()
        do {
            try pool.close()
        } catch {
            throw Failures.storeError(error)
        }
        lock.release()
    }

    /// An element after each commit that changed `change`; a slow consumer sees several commits as one. It ends when the
    /// store is closed.
    package func changes(of change: StoreChange) -> AsyncStream<Void> {
        signals.stream(of: change)
    }

    /// Runs `body` in the writer's next transaction and returns after it is durable.
    func write<Value: Sendable>(
        _ urgency: GroupCommitWriter.Urgency = .essential, changing change: StoreChange? = nil,
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        try await writer.submit(urgency, changing: change, body)
    }

    /// Runs `body` on a reader, in a snapshot of what is committed.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        let isOpen = reads.withLock { reads in
            if !reads.isClosed { reads.underWay += 1 }
            return !reads.isClosed
        }
        guard isOpen else { throw StoreError.closed }
        defer {
            let whoWaits = reads.withLock { reads in
                reads.underWay -= 1
                defer { if reads.underWay == 0 { reads.whoWaits = [] } }
                return reads.underWay == 0 ? reads.whoWaits : []
            }
            for continuation in whoWaits { continuation.resume() }
        }
        do {
            return try await pool.read(body)
        } catch {
            throw writer.noted(Failures.storeError(error))
        }
    }

    /// No read begins any more; those under way come to their end. The pool itself must not be asked while it closes.
    private func endReads() async {
        await withCheckedContinuation { continuation in
            let isOver = reads.withLock { reads in
                reads.isClosed = true
                if reads.underWay > 0 { reads.whoWaits.append(continuation) }
                return reads.underWay == 0
            }
            if isOver { continuation.resume() }
        }
    }
}
