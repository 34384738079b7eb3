import Values

extension TextNormalizer {
    init(file: TokenizerFile) throws(TokenizerError) {
        switch try file.type {
        case "NFC": self = .canonicalComposition
        case "Sequence":
            var parts: [TextNormalizer] = []
            for part in try file.required("normalizers").elements { parts.append(try TextNormalizer(file: part)) }
            self = .sequence(parts)
        case "Prepend": self = .prepend(try file.string("prepend").unicodeScalars.map(\.value))
        case "Replace":
            let pattern = try file.required("pattern").literalPattern
            self = .replace(
                pattern: pattern.unicodeScalars.map(\.value),
                content: try file.string("content").unicodeScalars.map(\.value))
        case let type:
            throw file.error("the normalizer \(type) is not supported; supported are NFC, Prepend, Replace, Sequence")
        }
    }
}

extension PreTokenizer {
    init(file: TokenizerFile) throws(TokenizerError) {
        switch try file.type {
        case "ByteLevel":
            self = .byteLevel(
                addsPrefixSpace: try file.bool("add_prefix_space", default: true),
                splits: try file.bool("use_regex", default: true))
        case "Sequence":
            var parts: [PreTokenizer] = []
            for part in try file.required("pretokenizers").elements { parts.append(try PreTokenizer(file: part)) }
            self = .sequence(parts)
        case "Split": self = .split(try file.splitPattern)
        case "Digits": self = .digits(individual: try file.bool("individual_digits", default: false))
        case "Metaspace":
            self = .metaspace(
                replacement: try file.scalar("replacement"), prepends: try file.prepending,
                splits: try file.bool("split", default: true))
        case let type:
            throw file.error(
                "the pre-tokenizer \(type) is not supported; supported are ByteLevel, Digits, Metaspace, Sequence, Split"
            )
        }
    }
}

extension TokenDecoder {
    init(file: TokenizerFile) throws(TokenizerError) {
        switch try file.type {
        case "ByteLevel": self = .byteLevel
        case "ByteFallback": self = .byteFallback
        case "Fuse": self = .fuse
        case "Sequence":
            var parts: [TokenDecoder] = []
            for part in try file.required("decoders").elements { parts.append(try TokenDecoder(file: part)) }
            self = .sequence(parts)
        case "Replace":
            self = .replace(
                pattern: try file.required("pattern").literalPattern, content: try file.string("content"))
        case "Strip":
            self = .strip(
                content: try file.scalar("content"), start: try file.integer("start"), end: try file.integer("stop"))
        case "Metaspace":
            self = .metaspace(replacement: try file.scalar("replacement"), prepends: try file.prepending)
        case let type:
            throw file.error(
                "the decoder \(type) is not supported; supported are ByteFallback, ByteLevel, Fuse, Metaspace, "
                    + "Replace, Sequence, Strip")
        }
    }
}

extension TokenizerFile {
    /// `{"String": "…"}`; regular expressions are not interpreted.
    fileprivate var literalPattern: String {
        get throws(TokenizerError) {
            if let expression = optional("Regex")?.value.stringValue {
                throw error("the regular expression \(expression) is not supported; supported are literal strings")
            }
            let pattern = try string("String")
            guard !pattern.isEmpty else { throw error("must not be empty") }
            return pattern
        }
    }

    fileprivate var splitPattern: SplitPattern {
        get throws(TokenizerError) {
            let file = try required("pattern")
            let text = try file.string("Regex")
            guard let pattern = SplitPattern(rawValue: text) else {
                throw file.error(
                    "the regular expression \(text) is not supported; supported are those of GPT-2, Llama 3 and Qwen 2")
            }
            // The patterns leave no gaps, so that keeping the matches alone, inverted, is the same as isolating them.
            let behavior = try string("behavior")
            let inverted = try bool("invert", default: false)
            guard (behavior == "Isolated" && !inverted) || (behavior == "Removed" && inverted) else {
                throw error("the behavior \(behavior) is not supported; supported is Isolated")
            }
            return pattern
        }
    }

    /// Metaspace's `prepend_scheme`, or the older `add_prefix_space`.
    fileprivate var prepending: PreTokenizer.Prepending {
        get throws(TokenizerError) {
            if optional("prepend_scheme") != nil {
                let scheme = try string("prepend_scheme")
                guard let prepending = PreTokenizer.Prepending(rawValue: scheme) else {
                    throw error("the prepend_scheme \(scheme) is not supported; supported are always, first, never")
                }
                return prepending
            }
            return try bool("add_prefix_space", default: true) ? .always : .never
        }
    }
}
