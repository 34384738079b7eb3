/// A tokenizer in Hugging Face's format (tokenizer.json, byte-pair encoding).
///
/// A text becomes tokens in five steps, as in the `tokenizers` library, whose ids it gives exactly:
/// 1. added tokens that are matched in the original text are cut out;
/// 2. what lies between them is normalised (NFC, SentencePiece's ▁);
/// 3. added tokens that are matched in the normalised text are cut out;
/// 4. the rest is split into words (byte-level with the patterns of GPT-2, Llama 3 and Qwen 2; digits; Metaspace);
/// 5. each word is encoded by byte pairs.
///
/// What a file asks for and this build does not know is refused by name when the file is loaded.
package struct Tokenizer: Sendable {
    let model: BytePairEncoding
    let normalizer: TextNormalizer?
    let preTokenizer: PreTokenizer?
    let decoder: TokenDecoder?
    let addedTokens: [AddedToken]
    let originalMatcher: AddedTokenMatcher
    let normalizedMatcher: AddedTokenMatcher
    /// What the post-processor puts before and after a text.
    let tokensBefore: [Int]
    let tokensAfter: [Int]
    /// Text of each token by id; nil where an id is not used.
    let tokenTexts: [String?]
    let specialTokens: Set<Int>

    /// One more than the largest id.
    package var vocabularySize: Int { tokenTexts.count }

    /// The tokens of `text`.
    /// - Parameters:
    ///   - recognisingSpecialTokens: whether control tokens such as `<|im_start|>` are recognised in `text`. False for
    ///     everything that a user or a model wrote, so that nobody can write control tokens; then they are encoded
    ///     letter by letter.
    ///   - addingBoundaryTokens: whether the post-processor's tokens (a BOS, say) are put around them.
    package func encode(
        _ text: String, recognisingSpecialTokens: Bool, addingBoundaryTokens: Bool = false
    ) -> [Int] {
        let tokens = encodeAligned(text, recognisingSpecialTokens: recognisingSpecialTokens).map(\.id)
        return addingBoundaryTokens ? tokensBefore + tokens + tokensAfter : tokens
    }

    /// The tokens of `text`, each with the Unicode scalars of `text` that it covers.
    package func encodeAligned(_ text: String, recognisingSpecialTokens: Bool) -> [AlignedToken] {
        var tokens: [AlignedToken] = []
        let whole = [AlignedScalar](text.unicodeScalars)
        for piece in originalMatcher.pieces(of: whole, recognisingSpecialTokens: recognisingSpecialTokens) {
            switch piece {
            case .token(let token): tokens.append(token)
            case .text(let text):
                let isAtBeginning = text.first?.start == 0
                let normalized = normalizer?.normalize(text) ?? text
                var isFirst = true
                for piece in normalizedMatcher.pieces(
                    of: normalized, recognisingSpecialTokens: recognisingSpecialTokens)
                {
                    switch piece {
                    case .token(let token): tokens.append(token)
                    case .text(let text):
                        encodeWords(of: text, isAtBeginning: isAtBeginning && isFirst, into: &tokens)
                    }
                    isFirst = false
                }
            }
        }
        return tokens
    }

    private func encodeWords(of text: [AlignedScalar], isAtBeginning: Bool, into tokens: inout [AlignedToken]) {
        guard !text.isEmpty else { return }
        guard let preTokenizer else { return model.encode(text, into: &tokens) }
        for word in preTokenizer.words(in: text, isAtBeginning: isAtBeginning) {
            model.encode(word, into: &tokens)
        }
    }

    /// The text of `ids`; ids that name no token are left out.
    /// - Parameter skippingSpecialTokens: whether control tokens are left out.
    package func decode(_ ids: some Sequence<Int>, skippingSpecialTokens: Bool) -> String {
        var tokens: [String] = []
        for id in ids where !(skippingSpecialTokens && specialTokens.contains(id)) {
            if let token = tokenText(id) { tokens.append(token) }
        }
        guard let decoder else { return tokens.joined(separator: " ") }
        return decoder.decode(tokens).joined()
    }

    /// How the vocabulary writes the token: in the byte alphabet where it is byte-level.
    package func tokenText(_ id: Int) -> String? {
        tokenTexts.indices.contains(id) ? tokenTexts[id] : nil
    }

    /// The bytes that a token adds to a text, as OpenAI's `logprobs` report them; U+FFFD's where it is no whole text
    /// and the tokenizer is not byte-level.
    package func tokenBytes(_ id: Int) -> [UInt8] {
        guard let text = tokenText(id) else { return [] }
        if specialTokens.contains(id) { return Array(text.utf8) }
        if case .byteLevel = decoder { return ByteAlphabet.decode(text) }
        return Array(decode([id], skippingSpecialTokens: false).utf8)
    }

    /// The id of the added or ordinary token that is written `text` in the vocabulary.
    package func id(ofToken text: String) -> Int? {
        let utf8 = Array(text.utf8)
        return addedTokens.first { $0.content.utf8.elementsEqual(utf8) }?.id ?? model.identifiers[utf8]
    }

    /// Whether `id` is a control token: never recognised in what users write.
    package func isSpecial(_ id: Int) -> Bool { specialTokens.contains(id) }
}
