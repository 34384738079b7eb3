/// What can go wrong in the store, in sentences an operator can act on.
package enum StoreError: Error, Equatable, Sendable {
    /// The disk is full: nothing was stored. Ingest answers 503 with `Retry-After`.
    case full
    /// The disk or the file failed. What the disk holds is unknown from here on, so the daemon leaves and reads anew.
    case failed(reason: String)
    /// The file is no sound database, or a row holds what no retuned wrote. It stays so, and with it nothing that the rest says can be trusted.
    case damaged(what: String)
    /// Another daemon has the store open.
    case locked(path: String)
    /// The store cannot be opened as it must be.
    case cannotOpen(path: String, reason: String)
    /// The database is damaged, another program's, or another version's: opening it again does not help.
    case unusable(path: String, reason: String)
    /// A record of an all-or-nothing batch has a known id and another body; nothing of the batch was stored.
    case conflict(index: Int, id: String)
    /// The loop's state moved on since it was read.
    case staleRevision(deployment: String, expected: Int64, found: Int64)
    /// The job's result may not be taken: somebody whose records are in its data was erased.
    case jobIsNotOpen(id: String)
    /// This action's id was used before: read its result with `action(deployment:id:)`.
    case actionExists(id: String)
    /// A pseudonym key is another one than the key of this id that rows were stored under.
    case otherKey(id: String)
    /// Rows are stored under a pseudonym key that is not among the keys any more.
    case missingKey(id: String)
    /// A row breaks a rule of the schema: a mistake of ours, said with SQLite's own words.
    case invalid(reason: String)
    case closed

    /// True where the daemon must leave: no answer of this store can be trusted any more.
    package var isFatal: Bool {
        switch self {
        case .failed, .damaged: true
        default: false
        }
    }

    /// True where starting again does not help before a person has put something in order.
    package var isLasting: Bool {
        switch self {
        case .damaged, .unusable, .otherKey, .missingKey: true
        default: false
        }
    }
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .full:
            "The disk that holds the store is full, so nothing was stored. Free some space. Erasure and retention go on in the room that the ballast file leaves, as long as it lasts."
        case .failed(let reason):
            "The store failed (\(reason)). The daemon has to start again; check the disk before it does."
        case .damaged(let what):
            "What the database holds is damaged (\(what)). Stop the daemon and put the newest backup of its state directory in place."
        case .locked(let path):
            "Another retuned daemon has the store at \(path) open. Stop it, or configure another state folder."
        case .cannotOpen(let path, let reason), .unusable(let path, let reason):
            "The store at \(path) cannot be opened: \(reason)."
        case .conflict(let index, let id):
            "Record \(index) has the id \(id), which was accepted before with another body. Give it a new id."
        case .staleRevision(let deployment, let expected, let found):
            "The loop of \(deployment) is at revision \(found), not \(expected): read it again and decide anew."
        case .jobIsNotOpen(let id):
            "Somebody in the data of job \(id) was erased while it ran: begin it anew without them."
        case .actionExists(let id):
            "The action \(id) was carried out before. Read its result, or give the new action an id of its own."
        case .otherKey(let id):
            "The pseudonym key \(id) is another one than the log's rows were stored under. Restore the file of keys; with this one nobody in the log could be found, exported or erased."
        case .missingKey(let id):
            "Rows are stored under the pseudonym key \(id), which is not in the file of keys any more: nobody in them could be found, exported or erased. Put its line back, after the newer ones."
        case .invalid(let reason):
            "A row was refused by the schema: \(reason)."
        case .closed:
            "The store is closed."
        }
    }
}
