/// What became of one record of a batch that may be kept in part.
package struct RecordResult: Codable, Equatable, Sendable {
    /// Index in the request, from 0.
    package var record: Int
    package var id: String?
    package var status: RecordStatus
    package var problem: Problem?

    package init(record: Int, id: String? = nil, status: RecordStatus, problem: Problem? = nil) {
        self.record = record
        self.id = id
        self.status = status
        self.problem = problem
    }
}
