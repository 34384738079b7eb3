/// Writes conversations for a model: a chat format together with the model's tokenizer.
package struct ChatTemplate: Sendable {
    package let format: ChatFormat
    package let tokenizer: Tokenizer
    /// The token that ends an answer; training scores it as the answer's last.
    package let endMarker: Int
    /// Tokens at which generation stops: the end marker and the model's own end-of-sequence tokens.
    package let stopTokens: Set<Int>
    private let controls: [String: Int]
    private let beginning: Int?

    /// - Parameters:
    ///   - beginningToken: the BOS token's text; needed by formats that write it.
    ///   - endTokens: the end-of-sequence tokens of the model's configuration.
    /// - Throws: `TokenizerError` where the vocabulary lacks a control token of the format, or has it as ordinary text.
    package init(
        _ format: ChatFormat, tokenizer: Tokenizer, beginningToken: String?, endTokens: Set<Int> = []
    ) throws(TokenizerError) {
        self.format = format
        self.tokenizer = tokenizer
        var controls: [String: Int] = [:]
        for token in format.controlTokens {
            guard let id = tokenizer.id(ofToken: token) else {
                throw TokenizerError(
                    "chat template \(format.name)", "its control token \(token) is not in the vocabulary")
            }
            guard tokenizer.isSpecial(id) else {
                throw TokenizerError(
                    "chat template \(format.name)",
                    "its control token \(token) is not marked special in tokenizer.json, so that a message could "
                        + "contain it")
            }
            controls[token] = id
        }
        self.controls = controls
        endMarker = controls[format.endMarker] ?? 0
        stopTokens = endTokens.union([endMarker])
        guard format.writesBeginning else {
            beginning = nil
            return
        }
        guard let beginningToken, let id = tokenizer.id(ofToken: beginningToken) else {
            throw TokenizerError(
                "chat template \(format.name)", "writes a beginning-of-text token, and tokenizer_config.json names none"
            )
        }
        beginning = id
    }

    /// The tokens of a conversation. Contents are encoded with control tokens switched off.
    /// - Parameter addingGenerationPrompt: whether the beginning of the assistant's turn follows, to be answered.
    /// - Throws: `TokenizerError` where the format cannot write the roles in this order.
    package func tokens(
        _ messages: [ChatMessage], addingGenerationPrompt: Bool
    ) throws(TokenizerError) -> [Int] {
        var ids: [Int] = beginning.map { [$0] } ?? []
        var text = ""
        for piece in try format.pieces(messages, addingGenerationPrompt: addingGenerationPrompt) {
            switch piece {
            case .text(let part): text += part
            case .control(let token):
                append(text, to: &ids)
                text = ""
                if let id = controls[token] { ids.append(id) }
            }
        }
        append(text, to: &ids)
        return ids
    }

    private func append(_ text: String, to ids: inout [Int]) {
        if !text.isEmpty { ids += tokenizer.encode(text, recognisingSpecialTokens: false) }
    }

    /// The tokens of an answer as the model would generate it after the generation prompt, with the end marker.
    package func answerTokens(_ answer: String) -> [Int] {
        answerTokens(answer, redacted: []).map(\.id)
    }

    /// An answer's token and whether training and evaluation score it.
    package struct AnswerToken: Equatable, Sendable {
        package var id: Int
        package var isScored: Bool
    }

    /// The tokens of an answer with the end marker.
    /// - Parameter redacted: half-open ranges of the answer in Unicode scalars; a token that covers a part of one is
    ///   not scored. What of them lies outside the answer is ignored.
    package func answerTokens(_ answer: String, redacted: [Range<Int>]) -> [AnswerToken] {
        let text = format.answerText(answer)
        let offset = text.unicodeScalars.count - answer.unicodeScalars.count
        let tokens = tokenizer.encodeAligned(text, recognisingSpecialTokens: false)
        return tokens.map { token in
            let start = token.start - offset
            let end = token.end - offset
            return AnswerToken(
                id: token.id, isScored: !redacted.contains { $0.lowerBound < end && start < $0.upperBound })
        } + [AnswerToken(id: endMarker, isScored: true)]
    }
}
