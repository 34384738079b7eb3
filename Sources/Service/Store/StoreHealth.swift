/// What a readiness check and `status` want to know.
package struct StoreHealth: Equatable, Sendable {
    /// Commits are synced before they are answered.
    package var synchronousFull: Bool
    /// False: the disk was full, and ingest is refused until there is room for the ballast again.
    package var acceptsIngest: Bool
    package var failure: StoreError?
    /// Bytes of the database and of its write-ahead log.
    package var databaseBytes: Int64
    package var writeAheadLogBytes: Int64

    package init(
        synchronousFull: Bool, acceptsIngest: Bool, failure: StoreError?, databaseBytes: Int64,
        writeAheadLogBytes: Int64
    ) {
        self.synchronousFull = synchronousFull
        self.acceptsIngest = acceptsIngest
        self.failure = failure
        self.databaseBytes = databaseBytes
        self.writeAheadLogBytes = writeAheadLogBytes
    }
}
