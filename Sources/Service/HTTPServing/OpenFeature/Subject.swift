import API
import Traffic
import Values

/// Whom an OpenFeature evaluation is for.
struct Subject: Sendable {
    struct Refusal: Error {
        var code: OFREPErrorCode
        var detail: String
    }

    var unit: String
    var conversation: String?

    /// Reads the body; members of the context that are not known here are passed over, as OpenFeature wants.
    ///
    /// - Parameter depth: most levels of nesting.
    static func read(_ body: [UInt8], depth: Int) -> Result<Subject, Refusal> {
        let value: JSONValue
        do {
            value = try JSONValue(parsing: body, limits: JSONLimits(maximumDepth: depth))
        } catch {
            return .failure(Refusal(code: .parseError, detail: "\(error)"))
        }
        guard value.objectValue != nil else {
            return .failure(Refusal(code: .parseError, detail: "The body must be an object with the member context."))
        }
        guard let context = value["context"], context != .null else {
            return .failure(
                Refusal(code: .targetingKeyMissing, detail: "context.targetingKey is missing; it names the unit."))
        }
        guard context.objectValue != nil else {
            return .failure(Refusal(code: .invalidContext, detail: "context must be an object."))
        }
        guard let key = context["targetingKey"], key != .null else {
            return .failure(
                Refusal(code: .targetingKeyMissing, detail: "context.targetingKey is missing; it names the unit."))
        }
        guard let unit = key.stringValue else {
            return .failure(Refusal(code: .invalidContext, detail: "context.targetingKey must be a string."))
        }
        guard !unit.isEmpty else {
            return .failure(Refusal(code: .targetingKeyMissing, detail: "context.targetingKey is empty."))
        }
        let conversation = context["conversation"].flatMap { $0 == .null ? nil : $0 }
        if let conversation, conversation.stringValue == nil {
            return .failure(Refusal(code: .invalidContext, detail: "context.conversation must be a string."))
        }
        let most = TrafficLimits().unitBytes
        guard unit.utf8.count <= most, (conversation?.stringValue ?? "").utf8.count <= most else {
            return .failure(
                Refusal(code: .invalidContext, detail: "A name in the context has more than \(most) bytes."))
        }
        let name = conversation?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
        for (field, text) in [("targetingKey", unit), ("conversation", name)] {
            if let problem = text.flatMap(PersonalName.problem) {
                return .failure(Refusal(code: .invalidContext, detail: "context.\(field) \(problem)"))
            }
        }
        return .success(Subject(unit: unit, conversation: name))
    }
}
