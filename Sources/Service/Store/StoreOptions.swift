/// How a store is opened. The defaults are the daemon's; tests make the files smaller.
package struct StoreOptions: Sendable {
    /// Size of the file that keeps room for deletions on a full disk; 0: none.
    package var ballastBytes: Int64
    /// The writer checkpoints once the write-ahead log is this large.
    package var checkpointBytes: Int64
    /// Connections that read, each with a small page cache.
    package var readers: Int
    /// Called once, on the writer's thread, when the store has failed for good: the daemon leaves.
    package var onFailure: @Sendable (StoreError) -> Void

    package init(
        ballastBytes: Int64 = 64 << 20, checkpointBytes: Int64? = nil, readers: Int = 2,
        onFailure: @escaping @Sendable (StoreError) -> Void = { _ in }
    ) {
        self.ballastBytes = ballastBytes
        // On a full disk the ballast has to have room for what is written before the next checkpoint.
        self.checkpointBytes = checkpointBytes ?? (ballastBytes > 0 ? min(4 << 20, ballastBytes / 3) : 4 << 20)
        self.readers = readers
        self.onFailure = onFailure
    }
}
