/// Why a text is not the JSON that we read.
package struct JSONSyntaxError: Error, CustomStringConvertible, Equatable, Sendable {
    /// Offset of the offending byte from the start of the text.
    package var offset: Int
    /// What is wrong there, as the end of a sentence.
    package var reason: String

    package init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    package var description: String {
        "The JSON text is wrong at byte \(offset): \(reason)."
    }
}
