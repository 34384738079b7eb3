/// The regular expressions by which well-known tokenizers split a text into words, as hand-written scanners.
///
/// They are recognised by their exact text; general regular expressions are not interpreted. Every pattern matches at
/// every position, so a text is cut into its matches and nothing is left between them. Alternatives are tried in order
/// and repetitions are greedy, as Oniguruma does:
///
/// - GPT-2: contractions in lower case; a space and letters; a space and numbers; a space and other characters;
///   white space, without its last character where a word follows.
/// - Llama 3: contractions in any case; letters with one character of another kind before them; one to three numbers;
///   a space and other characters with the line breaks after them; white space up to its last line break; white space
///   as above.
/// - Qwen 2: Llama 3's with single numbers.
enum SplitPattern: String, Sendable, CaseIterable {
    case gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case llama3 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    case qwen2 =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// The matches of the pattern in `text`, in order, without gaps.
    func split(_ text: [AlignedScalar]) -> [ArraySlice<AlignedScalar>] {
        var words: [ArraySlice<AlignedScalar>] = []
        let scanner = WordScanner(text: text)
        var start = 0
        while start < text.count {
            let end: Int
            switch self {
            case .gpt2: end = scanner.endOfWordAsGPT2(from: start)
            case .llama3: end = scanner.endOfWordAsLlama3(from: start, maximumNumbers: 3)
            case .qwen2: end = scanner.endOfWordAsLlama3(from: start, maximumNumbers: 1)
            }
            words.append(text[start..<end])
            start = end
        }
        return words
    }
}

/// Finds where the word that begins at a position ends.
private struct WordScanner {
    let text: [AlignedScalar]

    private static let space = UInt32(0x20)
    private static let apostrophe = UInt32(0x27)

    private func kind(_ index: Int) -> ScalarClass? {
        index < text.count ? ScalarClass.of(text[index].value) : nil
    }

    private func isLineBreak(_ index: Int) -> Bool {
        index < text.count && (text[index].value == 0x0A || text[index].value == 0x0D)
    }

    /// End of the run of `wanted` that begins at `index`.
    private func endOfRun(_ wanted: ScalarClass, from index: Int) -> Int {
        var end = index
        while kind(end) == wanted { end += 1 }
        return end
    }

    /// End of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d`; with `ignoringCase` ſ (U+017F) is an s as well.
    private func endOfContraction(from start: Int, ignoringCase: Bool) -> Int? {
        guard text[start].value == Self.apostrophe else { return nil }
        func letter(_ index: Int) -> Character? {
            guard index < text.count else { return nil }
            let value = text[index].value
            if ignoringCase, value == 0x17F { return "s" }
            guard value < 0x80, let scalar = Unicode.Scalar(value) else { return nil }
            if ignoringCase, (0x41...0x5A).contains(value) { return Character(Unicode.Scalar(UInt8(value + 32))) }
            return Character(scalar)
        }
        switch (letter(start + 1), letter(start + 2)) {
        case ("s", _), ("t", _), ("m", _), ("d", _): return start + 2
        case ("r", "e"), ("v", "e"), ("l", "l"): return start + 3
        default: return nil
        }
    }

    /// `\s+(?!\S)|\s+`
    private func endOfSpaces(from start: Int) -> Int {
        let end = endOfRun(.space, from: start)
        return end == text.count || end == start + 1 ? end : end - 1
    }

    func endOfWordAsGPT2(from start: Int) -> Int {
        if let end = endOfContraction(from: start, ignoringCase: false) { return end }
        let first = text[start].value == Self.space ? start + 1 : start
        if let kind = kind(first), kind != .space { return endOfRun(kind, from: first) }
        return endOfSpaces(from: start)
    }

    func endOfWordAsLlama3(from start: Int, maximumNumbers: Int) -> Int {
        if let end = endOfContraction(from: start, ignoringCase: true) { return end }
        let kind = ScalarClass.of(text[start].value)
        if kind == .letter { return endOfRun(.letter, from: start) }
        if kind == .number {
            return min(endOfRun(.number, from: start), start + maximumNumbers)
        }
        if !isLineBreak(start), self.kind(start + 1) == .letter { return endOfRun(.letter, from: start + 1) }
        let first = text[start].value == Self.space ? start + 1 : start
        if self.kind(first) == .other {
            var end = endOfRun(.other, from: first)
            while isLineBreak(end) { end += 1 }
            return end
        }
        let endOfRun = endOfRun(.space, from: start)
        if let lastBreak = (start..<endOfRun).last(where: isLineBreak) { return lastBreak + 1 }
        return endOfSpaces(from: start)
    }
}
