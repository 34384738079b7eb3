package import Tensors

/// Threads and scratch memory of one caller. Passes of one workspace come one after another; passes of two workspaces
/// may run at the same time.
package final class Workspace: @unchecked Sendable {
    package let pool: ThreadPool
    /// Memory of a whole pass, and of one layer.
    let arena = Arena()
    let layerArena = Arena()

    package init(threads: Int) {
        pool = ThreadPool(threads: threads)
    }

    /// Shares the threads of another workspace.
    package init(pool: ThreadPool) {
        self.pool = pool
    }

    /// Bytes of scratch memory held.
    package var scratchBytes: Int { arena.bytes + layerArena.bytes }
}
