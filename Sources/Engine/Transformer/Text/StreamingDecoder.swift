/// Decodes tokens as they come, and never gives half a character: what it gives, in order, is `decode` of them all.
///
/// The method of `tokenizers`' `DecodeStream`: a window of tokens is decoded with and without its newest; their
/// difference is given once it does not end in U+FFFD, which stands for a character that is not complete yet.
package struct StreamingDecoder: Sendable {
    private let tokenizer: Tokenizer
    private let skipsSpecialTokens: Bool
    /// Tokens whose text may still matter to what follows.
    private var window: [Int] = []
    /// The window's text that was given already.
    private var given: [UInt8] = []
    /// Tokens of the window that were given already.
    private var givenTokens = 0

    package init(_ tokenizer: Tokenizer, skippingSpecialTokens: Bool = true) {
        self.tokenizer = tokenizer
        skipsSpecialTokens = skippingSpecialTokens
    }

    /// The text that is certain after `id`; empty while a character is incomplete.
    package mutating func next(_ id: Int) -> String {
        if skipsSpecialTokens, tokenizer.isSpecial(id) { return "" }
        window.append(id)
        let text = windowText
        guard text.count > given.count, !text.endsInReplacementCharacter else { return "" }
        let new = String(decoding: text[given.count...], as: UTF8.self)
        window.removeFirst(givenTokens)
        givenTokens = window.count
        given = windowText
        return new
    }

    /// The rest, with U+FFFD for what stayed incomplete. Nothing may be decoded after it.
    package mutating func finish() -> String {
        let text = windowText
        defer {
            window = []
            given = []
            givenTokens = 0
        }
        return text.count > given.count ? String(decoding: text[given.count...], as: UTF8.self) : ""
    }

    private var windowText: [UInt8] {
        Array(tokenizer.decode(window, skippingSpecialTokens: skipsSpecialTokens).utf8)
    }
}

extension [UInt8] {
    fileprivate var endsInReplacementCharacter: Bool {
        suffix(3).elementsEqual([0xEF, 0xBF, 0xBD])
    }
}
