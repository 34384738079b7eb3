/// Byte-pair encoding (Sennrich et al., arXiv 1508.07909) as the `tokenizers` library applies it to one word.
///
/// 1. The word's scalars become tokens; a scalar that is no token becomes its bytes' tokens `<0x00>`…`<0xFF>`
///    (`byteFallback`), else the unknown token (runs of it as one with `fusesUnknown`), else nothing.
/// 2. While two neighbours have a merge, the pair with the lowest rank, the leftmost among equals, becomes one token.
///
/// Pairs wait in a binary heap and neighbours in a linked list, so a word of n scalars takes O(n log n).
struct BytePairEncoding: Sendable {
    /// Ids by the tokens' UTF-8. Not by `String`, whose equality is canonical equivalence: é and e + U+0301 differ.
    let identifiers: [[UInt8]: Int]
    /// Rank and resulting token by the pair of tokens.
    private let merges: [Pair: Merge]
    /// Tokens of one scalar: those under U+0400 in a table, -1 for none.
    private let lowScalars: [Int32]
    private let highScalars: [UInt32: Int32]
    /// The tokens `<0x00>`…`<0xFF>`; nil where bytes are not fallen back to.
    private let byteTokens: [Int?]?
    private let unknownToken: Int?
    private let fusesUnknown: Bool
    private let ignoresMerges: Bool

    struct Pair: Hashable, Sendable {
        let left: Int32
        let right: Int32

        func hash(into hasher: inout Hasher) {
            hasher.combine(UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right)))
        }
    }

    struct Merge: Sendable {
        let rank: Int32
        let result: Int32
    }

    struct Options: Sendable {
        var byteFallback = false
        var unknownToken: Int?
        var fusesUnknown = false
        /// A word that is a token as a whole is that token, whatever the merges would make of it (Llama 3).
        var ignoresMerges = false
    }

    init(identifiers: [[UInt8]: Int], merges: [Pair: Merge], options: Options) {
        self.identifiers = identifiers
        self.merges = merges
        var low = [Int32](repeating: -1, count: 0x400)
        var high: [UInt32: Int32] = [:]
        for (token, identifier) in identifiers where token.count <= 4 {
            let scalars = String(decoding: token, as: UTF8.self).unicodeScalars
            guard let scalar = scalars.first, scalars.count == 1 else { continue }
            if scalar.value < 0x400 {
                low[Int(scalar.value)] = Int32(identifier)
            } else {
                high[scalar.value] = Int32(identifier)
            }
        }
        lowScalars = low
        highScalars = high
        byteTokens =
            options.byteFallback ? (UInt8.min...UInt8.max).map { identifiers[Self.byteToken($0)] } : nil
        unknownToken = options.unknownToken
        fusesUnknown = options.fusesUnknown
        ignoresMerges = options.ignoresMerges
    }

    /// `<0xE3>` for 0xE3.
    private static func byteToken(_ byte: UInt8) -> [UInt8] {
        let digits = String(byte, radix: 16, uppercase: true)
        return Array("<0x\(digits.count == 1 ? "0" : "")\(digits)>".utf8)
    }

    /// Appends the tokens of `word`, each with the range of the original text it came from.
    func encode(_ word: [AlignedScalar], into tokens: inout [AlignedToken]) {
        guard let first = word.first, let last = word.last else { return }
        if ignoresMerges, let whole = identifiers[word.utf8] {
            tokens.append(AlignedToken(id: whole, start: Int(first.start), end: Int(last.end)))
            return
        }
        var symbols = initialSymbols(of: word)
        if symbols.count > 1 { merge(&symbols) }
        var index = symbols.isEmpty ? -1 : 0
        while index >= 0 {
            let symbol = symbols[index]
            tokens.append(AlignedToken(id: Int(symbol.token), start: Int(symbol.start), end: Int(symbol.end)))
            index = Int(symbol.next)
        }
    }

    private struct Symbol {
        var token: Int32
        var start: Int32
        var end: Int32
        var previous: Int32
        /// -1 at the end. A symbol that was merged into its left neighbour has token -1.
        var next: Int32
    }

    private func initialSymbols(of word: [AlignedScalar]) -> [Symbol] {
        var symbols: [Symbol] = []
        symbols.reserveCapacity(word.count)
        func append(_ token: Int32, _ start: Int32, _ end: Int32) {
            let index = Int32(symbols.count)
            symbols.append(Symbol(token: token, start: start, end: end, previous: index - 1, next: index + 1))
        }
        // The library holds an unknown token back until a known one follows, and bytes do not count as known.
        var unknown: (start: Int32, end: Int32)?
        for scalar in word {
            let low = scalar.value < 0x400
            if let token = low ? lowScalars[Int(scalar.value)] : highScalars[scalar.value], token >= 0 {
                if let (start, end) = unknown, let unknownToken { append(Int32(unknownToken), start, end) }
                unknown = nil
                append(token, scalar.start, scalar.end)
                continue
            }
            if let bytes = fallbackTokens(scalar.value) {
                for token in bytes { append(Int32(token), scalar.start, scalar.end) }
                continue
            }
            guard let unknownToken else { continue }
            if let (start, end) = unknown {
                if fusesUnknown {
                    unknown = (start, scalar.end)
                    continue
                }
                append(Int32(unknownToken), start, end)
            }
            unknown = (scalar.start, scalar.end)
        }
        if let (start, end) = unknown, let unknownToken { append(Int32(unknownToken), start, end) }
        if !symbols.isEmpty { symbols[symbols.count - 1].next = -1 }
        return symbols
    }

    private func fallbackTokens(_ scalar: UInt32) -> [Int]? {
        guard let byteTokens else { return nil }
        var tokens: [Int] = []
        var count = 0
        scalar.forEachByteOfUTF8 { byte in
            count += 1
            if let token = byteTokens[Int(byte)] { tokens.append(token) }
        }
        return tokens.count == count ? tokens : nil
    }

    private func merge(_ symbols: inout [Symbol]) {
        // An entry is a rank in the high and a position in the low half, so that the least entry is the next merge.
        var heap = MinimumHeap()
        func push(_ left: Int32, _ symbols: [Symbol]) {
            guard left >= 0 else { return }
            let symbol = symbols[Int(left)]
            guard symbol.next >= 0 else { return }
            if let merge = merges[Pair(left: symbol.token, right: symbols[Int(symbol.next)].token)] {
                heap.push(UInt64(UInt32(bitPattern: merge.rank)) << 32 | UInt64(UInt32(bitPattern: left)))
            }
        }
        for index in symbols.indices.dropLast() { push(Int32(index), symbols) }
        while let entry = heap.pop() {
            let left = Int(entry & 0xFFFF_FFFF)
            let symbol = symbols[left]
            guard symbol.token >= 0, symbol.next >= 0 else { continue }
            let right = symbols[Int(symbol.next)]
            // The pair may have changed since it was pushed; then this entry is void.
            guard let merge = merges[Pair(left: symbol.token, right: right.token)],
                UInt64(UInt32(bitPattern: merge.rank)) == entry >> 32
            else { continue }
            symbols[Int(symbol.next)].token = -1
            symbols[left].token = merge.result
            symbols[left].start = min(symbol.start, right.start)
            symbols[left].end = max(symbol.end, right.end)
            symbols[left].next = right.next
            if right.next >= 0 { symbols[Int(right.next)].previous = Int32(left) }
            push(symbol.previous, symbols)
            push(Int32(left), symbols)
        }
    }
}
