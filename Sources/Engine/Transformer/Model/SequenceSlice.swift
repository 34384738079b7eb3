/// The next tokens of one sequence in a decoding step.
package struct SequenceSlice: Sendable {
    /// Keys and values of the tokens before; the step adds those of `tokens`.
    package let cache: KeyValueCache
    /// One or more tokens. A new prompt comes whole, a running sequence with its last token.
    package let tokens: [Int32]
    package let adapter: LowRankAdapter?

    package init(cache: KeyValueCache, tokens: [Int32], adapter: LowRankAdapter? = nil) {
        self.cache = cache
        self.tokens = tokens
        self.adapter = adapter
    }
}
