import GRDB
import Values

/// The loop's records as rows, read.
enum LoopRows {
    static func versioned(_ row: Row, bytes column: String = "bytes") throws -> VersionedValue {
        let blob: Blob = try row.value(column)
        return VersionedValue(version: row["version"], bytes: blob.bytes)
    }

    static func json(_ row: Row, _ column: String) throws -> JSONValue {
        let text: JSONColumn = try row.value(column)
        return text.value
    }

    static func position(_ row: Row) -> LogPosition {
        LogPosition(interactions: row["interactions"], ratings: row["ratings"])
    }

    static func cycle(_ row: Row) throws -> CycleRecord {
        CycleRecord(
            id: row["id"], deployment: row["deployment"], state: row["state"], trigger: row["trigger_kind"],
            started: try row.value("started"), ended: row["ended"], outcome: row["outcome"], reason: row["reason"],
            details: try json(row, "details"))
    }

    static func transition(_ row: Row) throws -> TransitionRecord {
        TransitionRecord(
            deployment: row["deployment"], cycle: row["cycle"], from: row["from_state"], to: row["to_state"],
            time: try row.value("time"), actor: row["actor"], reason: row["reason"])
    }

    static func detector(_ row: Row) throws -> DetectorRecord {
        DetectorRecord(
            deployment: row["deployment"], name: row["name"], value: try versioned(row), position: position(row))
    }

    static func adapter(_ row: Row) throws -> AdapterRecord {
        let status: String = row["status"]
        guard let known = AdapterRecord.Status(rawValue: status) else { throw unknown("adapter status", status) }
        return AdapterRecord(
            deployment: row["deployment"], name: row["name"], version: row["version"], parent: row["parent"],
            status: known, cycle: row["cycle"], created: try row.value("created"), folder: row["folder"],
            digest: row["digest"], baseDigest: row["base_digest"], trainedParameters: row["trained_parameters"],
            metrics: try json(row, "metrics"), erasedRecords: row["erased_records"])
    }

    static func lineage(_ row: Row) throws -> LineageRecord {
        LineageRecord(
            adapter: row["adapter"], record: row["record"], interaction: row["interaction"], rating: row["rating"],
            set: try dataSet(row), weight: row["weight"], unit: row["unit"], rater: row["rater"])
    }

    static func openJobRow(_ row: Row) throws -> OpenJobRow {
        var result = OpenJobRow(
            record: row["record"], interaction: row["interaction"], rating: row["rating"], set: try dataSet(row),
            weight: row["weight"])
        (result.unit, result.rater) = (row["unit"], row["rater"])
        return result
    }

    private static func dataSet(_ row: Row) throws -> LineageRecord.DataSet {
        let set: String = row["data_set"]
        guard let known = LineageRecord.DataSet(rawValue: set) else { throw unknown("data set", set) }
        return known
    }

    static func job(_ row: Row) throws -> JobRecord {
        let state: String = row["state"]
        guard let known = JobRecord.State(rawValue: state) else { throw unknown("job state", state) }
        return JobRecord(
            id: row["id"], deployment: row["deployment"], cycle: row["cycle"], kind: row["kind"],
            folder: row["folder"], state: known, attempts: row["attempts"], cpuSeconds: row["cpu_seconds"],
            started: row["started"], ended: row["ended"])
    }

    static func experiment(_ row: Row) throws -> ExperimentRecord {
        ExperimentRecord(
            id: row["id"], deployment: row["deployment"], cycle: row["cycle"], incumbent: row["incumbent"],
            candidate: row["candidate"], salt: row["salt"], design: try json(row, "design"),
            state: try versioned(row, bytes: "state"), started: try row.value("started"), ended: row["ended"],
            decision: row["decision"], reason: row["reason"], erasedUnits: row["erased_units"],
            began: position(row))
    }

    static func look(_ row: Row) throws -> LookRecord {
        LookRecord(
            experiment: row["experiment"], number: row["number"], time: try row.value("time"),
            position: LookPosition(
                log: position(row), assignments: row["assignments"], difficulties: row["difficulties"]),
            result: try json(row, "result"))
    }

    static func action(_ row: Row) throws -> ActionRecord {
        ActionRecord(
            deployment: row["deployment"], id: row["id"], created: try row.value("created"),
            request: try json(row, "request"), result: try json(row, "result"))
    }

    private static func unknown(_ what: String, _ value: String) -> StoreError {
        .failed(reason: "the \(what) \(value) is unknown to this version")
    }
}
