/// Why a JSON value is not the object that was expected.
package struct StrictJSONError: Error, CustomStringConvertible, Equatable, Sendable {
    /// What is wrong with a field, for programs: an answer with status 400 names it.
    package enum Kind: Sendable {
        /// A field that must be there is absent.
        case missing
        case wrongType
        /// A field that the type does not know.
        case unknownField
        /// A value of the right type that is not allowed.
        case invalid
    }

    /// The field, for example `messages[0].role`; empty for the whole value.
    package var path: String
    package var kind: Kind
    /// What is wrong with it, as the end of a sentence that begins with the field.
    package var reason: String

    package init(path: String, kind: Kind, reason: String) {
        self.path = path
        self.kind = kind
        self.reason = reason
    }

    package var description: String {
        path.isEmpty ? "The value \(reason)." : "The field \(path) \(reason)."
    }
}

extension StrictJSONError {
    init(path: [any CodingKey], kind: Kind, reason: String) {
        self.init(path: Self.text(of: path), kind: kind, reason: reason)
    }

    /// An error that a type's own `init(from:)` threw.
    init(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context):
            self.init(path: context.codingPath, kind: .wrongType, reason: context.debugDescription)
        case .valueNotFound(_, let context):
            self.init(path: context.codingPath, kind: .wrongType, reason: context.debugDescription)
        case .keyNotFound(let key, let context):
            self.init(path: context.codingPath + [key], kind: .missing, reason: "is missing")
        case .dataCorrupted(let context):
            self.init(path: context.codingPath, kind: .invalid, reason: context.debugDescription)
        @unknown default:
            self.init(path: "", kind: .invalid, reason: "\(error)")
        }
    }

    private static func text(of path: [any CodingKey]) -> String {
        var text = ""
        for key in path {
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += text.isEmpty ? key.stringValue : "." + key.stringValue
            }
        }
        return text
    }
}
