/// What `decoder` of tokenizer.json does: makes text of a list of tokens.
enum TokenDecoder: Sendable {
    case sequence([TokenDecoder])
    case byteLevel
    case replace(pattern: String, content: String)
    /// Runs of `<0xE3>` become the characters they encode, or one U+FFFD a byte where they encode none.
    case byteFallback
    case fuse
    /// Takes up to `start` of `content` from the beginning and `end` from the end of each token.
    case strip(content: UInt32, start: Int, end: Int)
    case metaspace(replacement: UInt32, prepends: PreTokenizer.Prepending)

    func decode(_ tokens: [String]) -> [String] {
        switch self {
        case .sequence(let decoders):
            return decoders.reduce(tokens) { $1.decode($0) }
        case .byteLevel:
            return [String(decoding: tokens.flatMap(ByteAlphabet.decode), as: UTF8.self)]
        case .replace(let pattern, let content):
            return tokens.map { Self.replace(pattern, by: content, in: $0) }
        case .byteFallback:
            return Self.decodeBytes(tokens)
        case .fuse:
            return [tokens.joined()]
        case .strip(let content, let start, let end):
            return tokens.map { Self.strip($0, content, start, end) }
        case .metaspace(let replacement, let prepends):
            return tokens.enumerated().map { index, token in
                var scalars = String.UnicodeScalarView()
                for scalar in token.unicodeScalars {
                    if scalar.value != replacement {
                        scalars.append(scalar)
                    } else if index > 0 || prepends == .never {
                        scalars.append(" ")
                    }
                }
                return String(scalars)
            }
        }
    }

    private static func replace(_ pattern: String, by content: String, in token: String) -> String {
        let bytes = Array(token.utf8)
        let pattern = Array(pattern.utf8)
        guard !pattern.isEmpty, bytes.count >= pattern.count else { return token }
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index...].starts(with: pattern) {
                result += content.utf8
                index += pattern.count
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func decodeBytes(_ tokens: [String]) -> [String] {
        var result: [String] = []
        var bytes: [UInt8] = []
        func flush() {
            guard !bytes.isEmpty else { return }
            if let text = String(validating: bytes, as: UTF8.self) {
                result.append(text)
            } else {
                result += [String](repeating: "\u{FFFD}", count: bytes.count)
            }
            bytes = []
        }
        for token in tokens {
            let utf8 = Array(token.utf8)
            if utf8.count == 6, token.hasPrefix("<0x"), token.hasSuffix(">"),
                let byte = UInt8(String(decoding: utf8[3..<5], as: UTF8.self), radix: 16)
            {
                bytes.append(byte)
            } else {
                flush()
                result.append(token)
            }
        }
        flush()
        return result
    }

    private static func strip(_ token: String, _ content: UInt32, _ start: Int, _ end: Int) -> String {
        let scalars = Array(token.unicodeScalars)
        var first = 0
        while first < min(start, scalars.count), scalars[first].value == content { first += 1 }
        var last = scalars.count
        while last > first, scalars.count - last < end, scalars[last - 1].value == content { last -= 1 }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars[first..<last])
        return String(view)
    }
}
