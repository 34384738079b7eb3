/// What `pre_tokenizer` of tokenizer.json does: cuts a normalised text into the words that are encoded apart.
enum PreTokenizer: Sendable {
    case sequence([PreTokenizer])
    /// Writes bytes in GPT-2's alphabet, after an optional space in front and GPT-2's splitting.
    case byteLevel(addsPrefixSpace: Bool, splits: Bool)
    case split(SplitPattern)
    /// Cuts around numbers: each alone, or runs of them.
    case digits(individual: Bool)
    /// SentencePiece's: spaces become `replacement`, which may also be put in front.
    case metaspace(replacement: UInt32, prepends: Prepending, splits: Bool)

    enum Prepending: String, Sendable {
        /// To every piece, to the piece at the text's beginning, to none.
        case always, first, never
    }

    /// - Parameter isAtBeginning: whether `text` is at the beginning of the whole text, not after an added token.
    func words(in text: [AlignedScalar], isAtBeginning: Bool) -> [[AlignedScalar]] {
        switch self {
        case .sequence(let parts):
            return parts.reduce([text]) { words, part in
                var next: [[AlignedScalar]] = []
                for (index, word) in words.enumerated() {
                    next += part.words(in: word, isAtBeginning: isAtBeginning && index == 0)
                }
                return next
            }
        case .byteLevel(let addsPrefixSpace, let splits):
            var text = text
            if addsPrefixSpace, let first = text.first, first.value != 0x20 {
                text.insert(AlignedScalar(value: 0x20, start: first.start, end: first.start), at: 0)
            }
            let words = splits ? SplitPattern.gpt2.split(text) : [text[...]]
            return words.filter { !$0.isEmpty }.map(Self.inByteAlphabet)
        case .split(let pattern):
            return pattern.split(text).map(Array.init)
        case .digits(let individual):
            return Self.splitAroundNumbers(text, individual: individual)
        case .metaspace(let replacement, let prepends, let splits):
            var text = text.map { $0.value == 0x20 ? $0.replaced(by: replacement) : $0 }
            if let first = text.first, first.value != replacement,
                prepends == .always || (prepends == .first && isAtBeginning)
            {
                text.insert(AlignedScalar(value: replacement, start: first.start, end: first.start), at: 0)
            }
            return splits ? Self.split(text, before: replacement) : [text]
        }
    }

    private static func inByteAlphabet(_ word: ArraySlice<AlignedScalar>) -> [AlignedScalar] {
        var result: [AlignedScalar] = []
        result.reserveCapacity(word.count)
        for scalar in word {
            scalar.value.forEachByteOfUTF8 { byte in
                result.append(scalar.replaced(by: ByteAlphabet.scalars[Int(byte)]))
            }
        }
        return result
    }

    private static func splitAroundNumbers(_ text: [AlignedScalar], individual: Bool) -> [[AlignedScalar]] {
        var words: [[AlignedScalar]] = []
        var previous: Bool?
        for scalar in text {
            let isNumber = ScalarClass.of(scalar.value) == .number
            if previous == isNumber, !(isNumber && individual) {
                words[words.count - 1].append(scalar)
            } else {
                words.append([scalar])
            }
            previous = isNumber
        }
        return words
    }

    /// Each `mark` begins a word.
    private static func split(_ text: [AlignedScalar], before mark: UInt32) -> [[AlignedScalar]] {
        var words: [[AlignedScalar]] = []
        for scalar in text {
            if scalar.value == mark || words.isEmpty {
                words.append([scalar])
            } else {
                words[words.count - 1].append(scalar)
            }
        }
        return words
    }
}
