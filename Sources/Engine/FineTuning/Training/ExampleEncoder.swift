package import Transformer

/// Turns examples into rows of tokens for one model.
package struct ExampleEncoder: Sendable {
    package let template: ChatTemplate
    /// Most tokens of a row: the model's positions, or fewer.
    package let context: Int

    package init(template: ChatTemplate, context: Int) {
        precondition(context >= 2)
        self.template = template
        self.context = context
    }

    /// The prompt's tokens, at most `context − room` of them: where there are more, the oldest are left out.
    package func prompt(
        _ messages: [ChatMessage], room: Int
    ) throws(TokenizerError) -> (tokens: [Int32], isTruncated: Bool) {
        let tokens = try template.tokens(messages, addingGenerationPrompt: true).map(Int32.init)
        let most = max(1, context - room)
        return tokens.count > most ? (Array(tokens.suffix(most)), true) : (tokens, false)
    }

    /// A row from an example: the conversation in the chat template, then the answer and its end marker. The answer's
    /// tokens are scored, those that cover a redacted part of it excepted.
    ///
    /// What does not fit the context is left out, and said: first the prompt's oldest tokens, then the answer's end.
    /// - Parameter redacted: half-open ranges of the answer in Unicode scalars.
    /// - Returns: nil where nothing of the answer would be scored.
    package func row(
        messages: [ChatMessage], answer: String, redacted: [Range<Int>], weight: Double, desirable: Bool, unit: String
    ) throws(TokenizerError) -> (row: TrainingRow, isTruncated: Bool)? {
        var answerTokens = template.answerTokens(answer, redacted: redacted)
        var isTruncated = false
        if answerTokens.count > context - 1 {
            answerTokens.removeSubrange((context - 1)...)
            isTruncated = true
        }
        guard answerTokens.contains(where: \.isScored) else { return nil }
        let prompt = try prompt(messages, room: answerTokens.count)
        let row = TrainingRow(
            prompt: prompt.tokens, answer: answerTokens.map { Int32($0.id) }, scored: answerTokens.map(\.isScored),
            weight: weight, desirable: desirable, unit: unit)
        return (row, isTruncated || prompt.isTruncated)
    }
}
