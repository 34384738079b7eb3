import CKernels

/// The engine's threads: the caller and `threads - 1` more, which spin for at most 50 µs and then sleep.
///
/// Results depend on the number of threads only where a caller splits a sum by it, never on the timing. A pool that is
/// in use by one caller does another caller's work on that caller's own thread.
@safe
package final class ThreadPool: @unchecked Sendable {
    package let threads: Int
    private let pool: OpaquePointer

    /// - Parameter threads: 1 or more; 1 starts no thread.
    package init(threads: Int) {
        self.threads = max(1, threads)
        MatrixLibrary.prepare()
        unsafe pool = ck_pool_create(Int32(self.threads))
    }

    deinit {
        unsafe ck_pool_destroy(pool)
    }

    /// Calls `body` once for each of `0..<count`, on any of the threads, and returns when all calls have returned.
    package func parallelFor(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1, threads > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        withoutActuallyEscaping(body) { escaping in
            var box = Box(body: escaping)
            unsafe withUnsafeMutablePointer(to: &box) { pointer in
                unsafe ck_pool_run(
                    pool, count,
                    { context, index in
                        guard let context = unsafe context else { return }
                        unsafe context.assumingMemoryBound(to: Box.self).pointee.body(index)
                    }, pointer)
            }
        }
    }

    /// Splits `0..<count` into about equal runs of at least `grain`, at most one a thread, and calls `body` for each.
    package func parallelRanges(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
        let pieces = max(1, min(threads, count / max(1, grain)))
        guard pieces > 1 else {
            if count > 0 { body(0..<count) }
            return
        }
        parallelFor(pieces) { piece in
            body(piece * count / pieces..<(piece + 1) * count / pieces)
        }
    }

    private struct Box {
        let body: (Int) -> Void
    }
}
