import Values

/// Reads the fields of one record, and refuses the ones that nobody asked for.
struct FieldReader {
    let object: JSONObject
    let record: Int
    let limits: TrafficLimits
    /// Path of `object` in the record; empty for the record itself.
    var path = ""
    private var asked: [String] = []

    init(_ object: JSONObject, record: Int, limits: TrafficLimits, path: String = "") {
        self.object = object
        self.record = record
        self.limits = limits
        self.path = path
    }

    func error(_ kind: TrafficError.Kind, _ name: String, _ reason: String) -> TrafficError {
        let field = path.isEmpty ? name : "\(path).\(name)"
        return TrafficError(
            kind: kind, detail: "Record \(record), field \(field): \(reason)", record: record, field: field)
    }

    /// The member; null counts as absent.
    mutating func value(_ name: String) -> JSONValue? {
        asked.append(name)
        guard let value = object[name], value != .null else { return nil }
        return value
    }

    mutating func required(_ name: String, _ what: String) throws(TrafficError) -> JSONValue {
        guard let value = value(name) else { throw error(.fieldMissing, name, "is missing; it must be \(what).") }
        return value
    }

    mutating func optionalText(_ name: String, maximum: Int) throws(TrafficError) -> String? {
        guard let value = value(name) else { return nil }
        return try text(value, name, maximum: maximum)
    }

    func text(_ value: JSONValue, _ name: String, maximum: Int) throws(TrafficError) -> String {
        guard case .string(let text) = value else {
            throw error(.fieldType, name, "must be a string, but is \(value.kindName).")
        }
        guard text.utf8.count <= maximum else {
            throw error(
                .fieldTooLarge, name,
                "has \(text.utf8.count) bytes, but may have at most \(maximum). Shorten it before you send it.")
        }
        return text
    }

    /// A name that stands in paths, logs and keys: not empty, without space or control characters.
    mutating func optionalIdentifier(_ name: String, maximum: Int) throws(TrafficError) -> String? {
        guard let text = try optionalText(name, maximum: maximum) else { return nil }
        if let problem = Identifier.problem(text) { throw error(.fieldInvalid, name, problem) }
        return text
    }

    /// A name of a person or a conversation.
    mutating func optionalName(_ name: String, maximum: Int) throws(TrafficError) -> String? {
        guard let text = try optionalText(name, maximum: maximum) else { return nil }
        if let problem = PersonalName.problem(text) { throw error(.fieldInvalid, name, problem) }
        return text
    }

    mutating func identifier(_ name: String, maximum: Int) throws(TrafficError) -> String {
        guard let text = try optionalIdentifier(name, maximum: maximum) else {
            throw error(.fieldMissing, name, "is missing; it must be a string.")
        }
        return text
    }

    mutating func time(_ name: String, received: Timestamp) throws(TrafficError) -> Timestamp {
        let value = try required(name, "a time as RFC 3339 writes it, for example 2026-05-01T09:30:00Z")
        guard let time = Timestamp(try text(value, name, maximum: 64)) else {
            throw error(
                .fieldInvalid, name,
                "is no time with an offset as RFC 3339 writes it; write it like 2026-05-01T09:30:00Z.")
        }
        guard time.milliseconds >= 946_684_800_000 else {
            throw error(.fieldInvalid, name, "is before the year 2000; send the time at which it happened.")
        }
        guard time.seconds(since: received) <= limits.futureSeconds else {
            throw error(.fieldInvalid, name, "lies more than a day ahead of this daemon's clock; check both clocks.")
        }
        return time
    }

    mutating func optionalNumber(
        _ name: String, in range: ClosedRange<Double>, _ what: String
    ) throws(TrafficError) -> Double? {
        guard let value = value(name) else { return nil }
        guard let number = value.doubleValue else {
            throw error(.fieldType, name, "must be a number, but is \(value.kindName).")
        }
        guard range.contains(number) else { throw error(.fieldInvalid, name, "must be \(what).") }
        return number
    }

    mutating func optionalCount(_ name: String) throws(TrafficError) -> Int? {
        guard let value = value(name) else { return nil }
        guard value.doubleValue != nil else {
            throw error(.fieldType, name, "must be a whole number, but is \(value.kindName).")
        }
        guard let count = value.intValue, (0...1_000_000_000).contains(count) else {
            throw error(.fieldInvalid, name, "must be a whole number from 0 to 1000000000.")
        }
        return count
    }

    /// Refuses fields that were not asked for.
    func finish() throws(TrafficError) {
        for member in object.members where !asked.contains(member.name) {
            throw error(
                .fieldUnknown, member.name, "is not known. Known here: \(asked.joined(separator: ", ")).")
        }
    }
}
