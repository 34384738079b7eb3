package import Values

extension Rating {
    /// Reads a rating as an application posts it. Its value is checked later, against the deployment's scales.
    package init(
        reading object: JSONObject, record: Int, received: Timestamp, limits: TrafficLimits
    ) throws(TrafficError) {
        var fields = FieldReader(object, record: record, limits: limits)
        let id = try fields.identifier("id", maximum: limits.idBytes)
        let deployment = try fields.identifier("deployment", maximum: limits.idBytes)
        let interaction = try fields.identifier("interaction", maximum: limits.idBytes)
        let time = try fields.time("time", received: received)
        let rater = try fields.optionalName("rater", maximum: limits.unitBytes)
        let scale = try fields.optionalIdentifier("scale", maximum: limits.idBytes)
        let raw = try fields.required("value", "a number, or a word of the scale")
        let value: Value
        switch raw {
        case .integer, .number: value = .number(raw.doubleValue ?? 0)
        case .string: value = .label(try fields.text(raw, "value", maximum: limits.idBytes))
        default: throw fields.error(.fieldType, "value", "must be a number or a string, but is \(raw.kindName).")
        }
        self.init(
            id: id, deployment: deployment, interaction: interaction, time: time, rater: rater, scale: scale,
            value: value, comment: try fields.optionalText("comment", maximum: limits.textBytes),
            correction: try fields.optionalText("correction", maximum: limits.textBytes))
        try fields.finish()
    }

    /// Names the scale and checks the value against it. `scales` are the deployment's, its first is the default.
    package mutating func settle(on scales: [RatingScale], record: Int) throws(TrafficError) {
        let known = scales.map(\.name).joined(separator: ", ")
        guard let chosen = scale == nil ? scales.first : scales.first(where: { $0.name == scale }) else {
            throw TrafficError(
                kind: .scaleUnknown,
                detail: "Record \(record), field scale: the deployment \(deployment) has no scale "
                    + "\(scale ?? "at all"). It has: \(known.isEmpty ? "none" : known).",
                record: record, field: "scale")
        }
        scale = chosen.name
        guard chosen.accepts(value) else {
            throw TrafficError(
                kind: .fieldInvalid,
                detail: "Record \(record), field value: the scale \(chosen.name) takes \(chosen.valuesInWords).",
                record: record, field: "value")
        }
    }
}
