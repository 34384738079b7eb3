package import Values

/// The log as an export route shows it, read on from where it was left.
package struct LogMirror: Sendable {
    package let kind: AcceptedRecords.Kind
    /// `record` (the stored row's hash) by id.
    private(set) var records: [String: String] = [:]
    private var sequence = 0
    /// How many of the accepted ids were found so far.
    private var confirmed = 0

    package init(_ kind: AcceptedRecords.Kind) {
        self.kind = kind
    }

    /// Reads what is new. Sequence numbers rise, and an id comes once.
    mutating func read(_ client: ServiceClient, deployment: String) async throws -> [CrashFault] {
        var faults: [CrashFault] = []
        while true {
            let path = "/v1/deployments/\(deployment)/\(kind.rawValue)?after=\(sequence)&limit=5000"
            let page = try await client.call("GET", path)
            guard page.status == 200 else { throw DemoFailure("GET \(path) was answered \(page.status): \(page.text)") }
            let rows = try page.body.split(separator: 10).map { try JSONValue(parsing: Array($0)) }
            for row in rows { faults += take(row) }
            if rows.count < 5000 { return faults }
        }
    }

    package mutating func take(_ row: JSONValue) -> [CrashFault] {
        guard let id = row["id"]?.stringValue, let place = row["seq"]?.intValue,
            let record = row["record"]?.stringValue
        else { return [CrashFault(.impossible, "a row of \(kind.rawValue) without id, seq or record: \(row.text)")] }
        var faults: [CrashFault] = []
        if place <= sequence {
            faults.append(CrashFault(.impossible, "\(kind.rawValue): seq \(place) of \(id) comes after \(sequence)"))
        }
        sequence = max(sequence, place)
        if records.updateValue(record, forKey: id) != nil {
            faults.append(CrashFault(.twice, "\(kind.rawValue): \(id) stands in the log twice"))
        }
        return faults
    }

    /// Accepted ids that are not there. Those found once are not looked for again.
    package mutating func missing(of accepted: [String]) -> [CrashFault] {
        let rest = accepted.dropFirst(confirmed)
        let missing = rest.filter { records[$0] == nil }
        if missing.isEmpty { confirmed = accepted.count }
        return missing.map { CrashFault(.lost, "\(kind.rawValue): \($0) was answered with 2xx and is not in the log") }
    }

    /// Unanswered batches of which a part is kept.
    package func torn(of unanswered: [[String]]) -> [CrashFault] {
        unanswered.compactMap { ids in
            let kept = ids.count { records[$0] != nil }
            guard kept > 0, kept < ids.count else { return nil }
            return CrashFault(
                .impossible, "\(kind.rawValue): \(kept) of a batch of \(ids.count) are kept: \(ids[0])…")
        }
    }

    /// What an earlier reading of the log saw and this one does not see alike.
    package func changes(since earlier: LogMirror) -> [CrashFault] {
        earlier.records.compactMap { id, record in
            guard let now = records[id] else {
                return CrashFault(.lost, "\(kind.rawValue): \(id) was in the log and is gone")
            }
            return now == record ? nil : CrashFault(.impossible, "\(kind.rawValue): \(id) has changed in the log")
        }
    }
}
