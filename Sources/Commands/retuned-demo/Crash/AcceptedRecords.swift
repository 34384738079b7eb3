import Locking

/// The verifier's own list: every record that was answered with 2xx, and batches whose answer never came.
package final class AcceptedRecords: Sendable {
    /// What a record is. The raw value is the last part of the paths that it is posted to and exported from.
    package enum Kind: String, CaseIterable, Sendable {
        case interactions, ratings
    }

    struct Lists: Sendable {
        var accepted: [Kind: [String]] = [:]
        /// Ids of batches that were sent, not answered, and not sent again: all of one are kept or none.
        var unanswered: [Kind: [[String]]] = [:]
        /// Batches sent again after no answer, which turned out to have been kept.
        var keptUnanswered = 0
        var repeated = 0
    }

    private let lists = Locked(Lists())

    func accept(_ kind: Kind, _ ids: [String], wasKept: Bool = false) {
        lists.withLock { lists in
            lists.accepted[kind, default: []] += ids
            if wasKept { lists.keptUnanswered += 1 }
        }
    }

    func abandon(_ kind: Kind, _ ids: [String]) {
        lists.withLock { $0.unanswered[kind, default: []].append(ids) }
    }

    func countRepeat() { lists.withLock { $0.repeated += 1 } }

    var all: Lists { lists.value }

    func count(_ kind: Kind) -> Int { lists.withLock { $0.accepted[kind]?.count ?? 0 } }
}
