/// Why a tokenizer or a chat template cannot be used: a sentence that names the file's part and what to do.
package struct TokenizerError: Error, CustomStringConvertible, Equatable, Sendable {
    /// Where in which file, for example `tokenizer.json: pre_tokenizer.pretokenizers[0]`.
    package var place: String
    package var reason: String

    package init(_ place: String, _ reason: String) {
        self.place = place
        self.reason = reason
    }

    package var description: String { "\(place): \(reason)" }
}
