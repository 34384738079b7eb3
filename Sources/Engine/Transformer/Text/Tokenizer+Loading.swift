package import Values

extension Tokenizer {
    /// Reads the text of a tokenizer.json.
    /// - Throws: `TokenizerError` that names what is missing, malformed or unknown.
    package init(parsing bytes: [UInt8]) throws(TokenizerError) {
        let document: JSONValue
        do {
            document = try JSONValue(parsing: bytes)
        } catch {
            throw TokenizerError("tokenizer.json", "is no JSON text: \(error)")
        }
        try self.init(document)
    }

    /// Makes the tokenizer that a parsed tokenizer.json describes.
    package init(_ document: JSONValue) throws(TokenizerError) {
        let file = TokenizerFile(value: document, path: "")
        let model = try file.required("model")
        let modelType = model.value["type"]?.stringValue ?? "BPE"
        guard modelType == "BPE" else {
            throw model.error("the model \(modelType) is not supported; supported is BPE")
        }
        let vocabulary = try TokenVocabulary(model: model, addedTokens: file.optional("added_tokens"))
        addedTokens = vocabulary.addedTokens
        tokenTexts = vocabulary.texts
        specialTokens = Set(vocabulary.addedTokens.filter(\.special).map(\.id))
        self.model = try BytePairEncoding(model: model, vocabulary: vocabulary, specialTokens: specialTokens)
        let normalizer = try file.optional("normalizer").map(TextNormalizer.init(file:))
        self.normalizer = normalizer
        preTokenizer = try file.optional("pre_tokenizer").map(PreTokenizer.init(file:))
        decoder = try file.optional("decoder").map(TokenDecoder.init(file:))
        let boundaries = try file.optional("post_processor").map(BoundaryTokens.init(file:)) ?? BoundaryTokens()
        tokensBefore = boundaries.before
        tokensAfter = boundaries.after
        for id in tokensBefore + tokensAfter where !tokenTexts.indices.contains(id) || tokenTexts[id] == nil {
            throw TokenizerError("tokenizer.json: post_processor", "the token \(id) is not in the vocabulary")
        }
        originalMatcher = AddedTokenMatcher(addedTokens.filter { !$0.normalized }) {
            $0.content.unicodeScalars.map(\.value)
        }
        normalizedMatcher = AddedTokenMatcher(addedTokens.filter(\.normalized)) { token in
            let text = [AlignedScalar](token.content.unicodeScalars)
            return (normalizer?.normalize(text) ?? text).map(\.value)
        }
    }
}

extension Optional {
    /// `map` with typed errors, which the standard library's does not keep inside `init`.
    fileprivate func map<T>(
        _ transform: (Wrapped) throws(TokenizerError) -> T
    ) throws(TokenizerError) -> T? {
        guard let self else { return nil }
        return try transform(self)
    }
}

/// A value inside tokenizer.json and where it stands.
struct TokenizerFile {
    let value: JSONValue
    let path: String

    func error(_ reason: String) -> TokenizerError {
        TokenizerError(path.isEmpty ? "tokenizer.json" : "tokenizer.json: \(path)", reason)
    }

    private func child(_ name: String, _ value: JSONValue) -> TokenizerFile {
        TokenizerFile(value: value, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// The member, nil where it is absent or null.
    func optional(_ name: String) -> TokenizerFile? {
        guard let value = value[name], value != .null else { return nil }
        return child(name, value)
    }

    func required(_ name: String) throws(TokenizerError) -> TokenizerFile {
        guard let member = optional(name) else { throw error("the member \(name) is missing") }
        return member
    }

    func string(_ name: String) throws(TokenizerError) -> String {
        let member = try required(name)
        guard let string = member.value.stringValue else { throw member.error("must be a string") }
        return string
    }

    /// One character.
    func scalar(_ name: String) throws(TokenizerError) -> UInt32 {
        let scalars = try string(name).unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else {
            throw try required(name).error("must be a string of one character")
        }
        return scalar.value
    }

    func bool(_ name: String, default: Bool) throws(TokenizerError) -> Bool {
        guard let member = optional(name) else { return `default` }
        guard let bool = member.value.boolValue else { throw member.error("must be true or false") }
        return bool
    }

    func integer(_ name: String) throws(TokenizerError) -> Int {
        let member = try required(name)
        guard let integer = member.value.intValue, (0...Int(Int32.max)).contains(integer) else {
            throw member.error("must be an integer from 0 to 2147483647")
        }
        return integer
    }

    var elements: [TokenizerFile] {
        get throws(TokenizerError) {
            guard let array = value.arrayValue else { throw error("must be an array") }
            var elements: [TokenizerFile] = []
            for (index, element) in array.enumerated() {
                elements.append(TokenizerFile(value: element, path: "\(path)[\(index)]"))
            }
            return elements
        }
    }

    /// The member `type`, of which the rest depends.
    var type: String {
        get throws(TokenizerError) { try string("type") }
    }
}

/// The tokens of `model.vocab` and `added_tokens`.
struct TokenVocabulary {
    private(set) var identifiers: [[UInt8]: Int] = [:]
    private(set) var texts: [String?] = []
    private(set) var addedTokens: [AddedToken] = []

    /// More ids than any model has: a file that names one beyond it is taken for damaged.
    private static let maximumIdentifier = 4_000_000

    init(model: TokenizerFile, addedTokens added: TokenizerFile?) throws(TokenizerError) {
        let file = try model.required("vocab")
        guard let members = file.value.objectValue?.members else {
            throw file.error("must be an object of tokens and their ids")
        }
        identifiers.reserveCapacity(members.count)
        texts = [String?](repeating: nil, count: members.count)
        for member in members {
            guard let id = member.value.intValue, (0...Self.maximumIdentifier).contains(id) else {
                throw file.error("the id of \(member.name) must be an integer from 0 to \(Self.maximumIdentifier)")
            }
            identifiers[Array(member.name.utf8)] = id
            set(member.name, id)
        }
        for token in try added?.elements ?? [] {
            let parsed = AddedToken(
                id: try token.integer("id"), content: try token.string("content"),
                singleWord: try token.bool("single_word", default: false),
                stripsLeft: try token.bool("lstrip", default: false),
                stripsRight: try token.bool("rstrip", default: false),
                normalized: try token.bool("normalized", default: true),
                special: try token.bool("special", default: false))
            guard parsed.id <= Self.maximumIdentifier else { throw token.error("the id \(parsed.id) is too large") }
            guard !parsed.content.isEmpty else { continue }
            set(parsed.content, parsed.id)
            addedTokens.append(parsed)
        }
    }

    private mutating func set(_ text: String, _ id: Int) {
        if id >= texts.count { texts += [String?](repeating: nil, count: id + 1 - texts.count) }
        texts[id] = text
    }
}

extension BytePairEncoding {
    fileprivate init(
        model: TokenizerFile, vocabulary: TokenVocabulary, specialTokens: Set<Int>
    ) throws(TokenizerError) {
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let member = model.optional(name), member.value != .string("") {
                throw member.error("is not supported; it must be null")
            }
        }
        if let dropout = model.optional("dropout"), dropout.value.doubleValue != 0 {
            throw dropout.error("encoding at random is not supported; it must be null")
        }
        var options = Options()
        options.byteFallback = try model.bool("byte_fallback", default: false)
        options.fusesUnknown = try model.bool("fuse_unk", default: false)
        options.ignoresMerges = try model.bool("ignore_merges", default: false)
        if let unknown = model.optional("unk_token") {
            let text = try model.string("unk_token")
            guard let id = vocabulary.identifiers[Array(text.utf8)] else {
                throw unknown.error("\(text) is not in the vocabulary")
            }
            options.unknownToken = id
        }
        var merges: [Pair: Merge] = [:]
        let list = try model.required("merges")
        guard let elements = list.value.arrayValue else { throw list.error("must be an array") }
        merges.reserveCapacity(elements.count)
        for (rank, element) in elements.enumerated() {
            guard let (left, right) = Self.pair(element) else {
                throw list.error(#"merge \#(rank) must be two tokens, ["a", "b"] or "a b""#)
            }
            guard let leftId = vocabulary.identifiers[left], let rightId = vocabulary.identifiers[right],
                let result = vocabulary.identifiers[left + right]
            else {
                let text = "\(String(decoding: left, as: UTF8.self)) \(String(decoding: right, as: UTF8.self))"
                throw list.error("merge \(rank) (\(text)) names or makes a token that is not in the vocabulary")
            }
            // No merge makes a control token: only a match in a text that may contain them does.
            guard !specialTokens.contains(result) else { continue }
            // The first of two equal merges has the lower rank, but the library keeps the last.
            merges[Pair(left: Int32(leftId), right: Int32(rightId))] = Merge(
                rank: Int32(rank), result: Int32(result))
        }
        // Nor is a whole word a control token; the tokens of bytes, special in some files, are needed.
        let words = vocabulary.identifiers.filter {
            !specialTokens.contains($0.value) || ($0.key.count == 6 && $0.key.starts(with: "<0x".utf8))
        }
        self.init(identifiers: words, merges: merges, options: options)
    }

    /// Both ways of writing a merge: two strings, or one with a space between them.
    private static func pair(_ element: JSONValue) -> ([UInt8], [UInt8])? {
        switch element {
        case .array(let pair):
            guard pair.count == 2, let left = pair[0].stringValue, let right = pair[1].stringValue else { return nil }
            return (Array(left.utf8), Array(right.utf8))
        case .string(let text):
            let parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            return (Array(parts[0]), Array(parts[1]))
        default:
            return nil
        }
    }
}

/// The tokens that `post_processor` puts around a single text.
private struct BoundaryTokens {
    var before: [Int] = []
    var after: [Int] = []

    init() {}

    init(file: TokenizerFile) throws(TokenizerError) {
        switch try file.type {
        case "ByteLevel":
            break
        case "Sequence":
            for processor in try file.required("processors").elements {
                let inner = try BoundaryTokens(file: processor)
                before = inner.before + before
                after += inner.after
            }
        case "TemplateProcessing":
            let specials = try file.required("special_tokens")
            var sawText = false
            for piece in try file.required("single").elements {
                if piece.optional("Sequence") != nil {
                    guard !sawText else { throw piece.error("a template with the text twice is not supported") }
                    sawText = true
                    continue
                }
                let name = try piece.required("SpecialToken").string("id")
                for id in try specials.required(name).required("ids").elements {
                    guard let id = id.value.intValue else { throw id.error("must be an integer") }
                    if sawText { after.append(id) } else { before.append(id) }
                }
            }
        case let type:
            throw file.error(
                "the post-processor \(type) is not supported; supported are ByteLevel, Sequence, TemplateProcessing")
        }
    }
}
