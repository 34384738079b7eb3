import Values

/// Makes a byte-level BPE (Sennrich et al. 2016, in GPT-2's alphabet of bytes) from texts.
///
/// Words are cut at GPT-2's boundaries as far as they matter here (a space belongs to the word that it stands before;
/// letters, numbers and other characters are apart). The most frequent pair of neighbours inside words becomes a token,
/// ties by the pair's text, until the vocabulary is full or no pair occurs twice.
struct BytePairTraining {
    /// `tokenizer.json`.
    let document: JSONValue

    static let specialTokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]

    init(texts: [String], vocabularySize: Int) {
        var counts: [[String]: Int] = [:]
        for text in texts {
            for word in Self.words(text) { counts[word, default: 0] += 1 }
        }
        var words = counts.map { (parts: $0.key, count: $0.value) }.sorted {
            $0.parts.lexicographicallyPrecedes($1.parts)
        }
        var vocabulary = Self.specialTokens + Self.alphabet.sorted()
        var merges: [(String, String)] = []
        while vocabulary.count < vocabularySize, let best = Self.mostFrequentPair(words) {
            merges.append(best)
            vocabulary.append(best.0 + best.1)
            for index in words.indices { words[index].parts = Self.merged(words[index].parts, best) }
        }
        document = Self.document(vocabulary, merges)
    }

    /// The character that stands for each byte.
    private static let alphabet: [String] = {
        var next: UInt32 = 0x100
        return (UInt32(0)...255).map { byte in
            let isPrintable =
                (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte)
            let value = isPrintable ? byte : next
            if !isPrintable { next += 1 }
            return String(Character(Unicode.Scalar(value) ?? " "))
        }
    }()

    static func words(_ text: String) -> [[String]] {
        var words: [[Unicode.Scalar]] = []
        var kinds: [Int] = []
        for scalar in text.unicodeScalars {
            let kind =
                scalar == " " ? 0 : scalar.properties.isAlphabetic ? 1 : scalar.properties.numericType != nil ? 2 : 3
            let joins = kinds.last.map { $0 == kind || ($0 == 0 && words.last?.count == 1) } ?? false
            if joins, kind != 0 {
                words[words.count - 1].append(scalar)
                kinds[kinds.count - 1] = kind
            } else {
                words.append([scalar])
                kinds.append(kind)
            }
        }
        return words.map { word in
            String(String.UnicodeScalarView(word)).utf8.map { alphabet[Int($0)] }
        }
    }

    private static func mostFrequentPair(_ words: [(parts: [String], count: Int)]) -> (String, String)? {
        var counts: [[String]: Int] = [:]
        for word in words where word.parts.count > 1 {
            for index in 1..<word.parts.count {
                counts[[word.parts[index - 1], word.parts[index]], default: 0] += word.count
            }
        }
        let best = counts.max { left, right in
            left.value != right.value ? left.value < right.value : right.key.lexicographicallyPrecedes(left.key)
        }
        guard let best, best.value > 1 else { return nil }
        return (best.key[0], best.key[1])
    }

    private static func merged(_ parts: [String], _ pair: (String, String)) -> [String] {
        guard parts.count > 1 else { return parts }
        var result: [String] = []
        var index = 0
        while index < parts.count {
            if index + 1 < parts.count, parts[index] == pair.0, parts[index + 1] == pair.1 {
                result.append(pair.0 + pair.1)
                index += 2
            } else {
                result.append(parts[index])
                index += 1
            }
        }
        return result
    }

    private static func document(_ vocabulary: [String], _ merges: [(String, String)]) -> JSONValue {
        let added: [JSONValue] = specialTokens.enumerated().map { id, text in
            [
                "id": .integer(Int64(id)), "content": .string(text), "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true,
            ]
        }
        let identifiers = vocabulary.enumerated().map {
            JSONObject.Member(name: $0.element, value: .integer(Int64($0.offset)))
        }
        let byteLevel: JSONValue = [
            "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true,
        ]
        return [
            "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added), "normalizer": nil,
            "pre_tokenizer": byteLevel, "post_processor": nil, "decoder": byteLevel,
            "model": [
                "type": "BPE", "dropout": nil, "unk_token": nil, "continuing_subword_prefix": nil,
                "end_of_word_suffix": nil, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
                "vocab": .object(JSONObject(identifiers)),
                "merges": .array(merges.map { .array([.string($0.0), .string($0.1)]) }),
            ],
        ]
    }
}
