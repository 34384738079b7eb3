package import Values

/// Splits a request's body into its records.
package enum RecordReader {
    /// The records as objects, in order. A line that is no JSON object fails alone, so that a caller who accepts a
    /// batch in part loses only that line; a body that cannot be read as a whole throws.
    package static func records(
        in body: [UInt8], format: TrafficFormat, limits: TrafficLimits
    ) throws(TrafficError) -> [Result<JSONObject, TrafficError>] {
        let read: [Result<JSONObject, TrafficError>]
        switch format {
        case .json: read = try records(inJSON: body, limits: limits)
        case .lines: read = try records(inLines: body, limits: limits)
        }
        guard !read.isEmpty else {
            throw TrafficError(kind: .recordsMissing, detail: "The body holds no record. Send at least one object.")
        }
        return read
    }

    private static func records(
        inJSON body: [UInt8], limits: TrafficLimits
    ) throws(TrafficError) -> [Result<JSONObject, TrafficError>] {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body, limits: JSONLimits(maximumDepth: limits.depth))
        } catch {
            throw syntax(error, in: body, advice: "Send one JSON object, an array of objects, or application/x-ndjson.")
        }
        guard case .array(let elements) = value else { return [object(value, record: 0)] }
        guard elements.count <= limits.recordsPerRequest else { throw tooMany(limits) }
        return elements.enumerated().map { object($0.element, record: $0.offset) }
    }

    private static func records(
        inLines body: [UInt8], limits: TrafficLimits
    ) throws(TrafficError) -> [Result<JSONObject, TrafficError>] {
        var records: [Result<JSONObject, TrafficError>] = []
        for line in body.split(separator: UInt8(ascii: "\n")) {
            if line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            let record = records.count
            guard record < limits.recordsPerRequest else { throw tooMany(limits) }
            do {
                let value = try JSONValue(parsing: line, limits: JSONLimits(maximumDepth: limits.depth))
                records.append(object(value, record: record))
            } catch {
                records.append(
                    .failure(syntax(error, in: line, record: record, advice: "Send one JSON object a line.")))
            }
        }
        return records
    }

    /// Where the text is wrong, as far as what stands before tells record and field.
    private static func syntax(
        _ error: JSONSyntaxError, in text: some RandomAccessCollection<UInt8>, record line: Int? = nil, advice: String
    ) -> TrafficError {
        var steps = JSONPlace(of: error.offset, in: text).steps[...]
        var record = line
        if line == nil, case .element(let index) = steps.first {
            record = index
            steps = steps.dropFirst()
        }
        let field = steps.isEmpty ? nil : JSONPlace.path(steps)
        let place = [record.map { "Record \($0)" }, field.map { "field \($0)" }].compactMap(\.self)
        let prefix = place.isEmpty ? "" : "\(place.joined(separator: ", ")): "
        return TrafficError(
            kind: .jsonInvalid, detail: "\(prefix)\(error) \(advice)", record: record, field: field)
    }

    private static func object(_ value: JSONValue, record: Int) -> Result<JSONObject, TrafficError> {
        if case .object(let object) = value { return .success(object) }
        return .failure(
            TrafficError(
                kind: .fieldType, detail: "Record \(record) must be an object, but is \(value.kindName).",
                record: record))
    }

    private static func tooMany(_ limits: TrafficLimits) -> TrafficError {
        TrafficError(
            kind: .recordsTooMany,
            detail: "The body holds more than \(limits.recordsPerRequest) records. Send them in several requests.")
    }
}
