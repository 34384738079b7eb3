/// What the writer did since the store was opened.
package struct StoreStatistics: Equatable, Sendable {
    /// Transactions that became durable; each is one sync of the write-ahead log.
    package var commits: Int
    /// Writes of callers that these transactions held.
    package var operations: Int

    package init(commits: Int, operations: Int) {
        self.commits = commits
        self.operations = operations
    }
}
