/// A text as the scanners read it: one byte a scalar, ASCII where the scalar has an ASCII equivalent.
struct FoldedText {
    /// A letter of an alphabet that is written with spaces (Latin with accents, Greek, Cyrillic).
    static let letter: UInt8 = 0xFF
    /// Anything else outside ASCII.
    static let other: UInt8 = 0xFE
    static let currency: UInt8 = 0x80
    /// Characters of the Japanese words for telephone, mobile and contact, each with a byte of its own.
    private static func word(_ scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0x96FB: 0x81
        case 0x8A71: 0x82
        case 0x643A: 0x83
        case 0x5E2F: 0x84
        case 0x9023: 0x85
        case 0x7D61: 0x86
        default: nil
        }
    }

    private(set) var bytes: [UInt8]
    /// Index of each byte's scalar in the text; nil where it is the byte's own.
    private(set) var origins: [Int]?

    init(_ text: String) {
        bytes = Array(text.utf8)
        defer { foldWords() }
        if bytes.allSatisfy({ $0 < 0x80 }) { return }
        var folded: [UInt8] = []
        var origins: [Int] = []
        folded.reserveCapacity(bytes.count)
        origins.reserveCapacity(bytes.count)
        var index = 0
        for scalar in text.unicodeScalars {
            if let byte = Self.fold(scalar) {
                folded.append(byte)
                origins.append(index)
            }
            index += 1
        }
        bytes = folded
        self.origins = origins
    }

    /// `name [at] example (dot) com`, as people write an address that machines shall not see: the sign for the bracketed
    /// word, with the spaces around it. A bracketed full stop or at sign is the sign itself.
    private mutating func foldWords() {
        guard let first = bytes.indices.first(where: { bracketed(at: $0) != nil }) else { return }
        var folded = Array(bytes[..<first])
        var places = Array(0..<first)
        var index = first
        while index < bytes.count {
            if let (sign, end) = bracketed(at: index) {
                while folded.last == UInt8(ascii: " ") {
                    folded.removeLast()
                    places.removeLast()
                }
                folded.append(sign)
                places.append(index)
                index = end
                while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
            } else {
                folded.append(bytes[index])
                places.append(index)
                index += 1
            }
        }
        origins = places.map { origins?[$0] ?? $0 }
        bytes = folded
    }

    private static let opening = Array("[({".utf8)
    private static let closing = Array("])}".utf8)

    /// The sign that a bracket at `start` holds or names, and where the bracket ends.
    private func bracketed(at start: Int) -> (sign: UInt8, end: Int)? {
        guard let kind = Self.opening.firstIndex(of: bytes[start]) else { return nil }
        var word: [UInt8] = []
        for index in start + 1..<min(bytes.count, start + 7) {
            let byte = bytes[index]
            if byte == Self.closing[kind] {
                switch String(decoding: word, as: UTF8.self) {
                case "at", "@": return (UInt8(ascii: "@"), index + 1)
                case "dot", "punkt", ".": return (UInt8(ascii: "."), index + 1)
                default: return nil
                }
            }
            if byte != UInt8(ascii: " ") { word.append(byte.isLetter ? byte | 0x20 : byte) }
        }
        return nil
    }

    /// The scalars that a range of bytes stands for.
    func scalars(_ range: Range<Int>) -> Range<Int> {
        guard let origins else { return range }
        return origins[range.lowerBound]..<origins[range.upperBound - 1] + 1
    }

    /// First byte whose scalar is at or after `scalar`.
    func byteIndex(ofScalar scalar: Int) -> Int {
        guard let origins else { return scalar }
        return origins.firstIndex { $0 >= scalar } ?? origins.count
    }

    /// Without a digit, an at sign or a character outside ASCII there is nothing to find (but for an IPv6 address
    /// without a digit, which has three colons, and an at sign that is a word in brackets).
    static func mayHoldPersonalData(_ text: String) -> Bool {
        var colons = 0
        var isBracketed = false
        for byte in text.utf8 {
            if byte >= 0x80 || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "@") { return true }
            if isBracketed, byte | 0x20 == UInt8(ascii: "a") { return true }
            if byte != UInt8(ascii: " ") { isBracketed = opening.contains(byte) }
            if byte == UInt8(ascii: ":") { colons += 1 }
        }
        return colons > 2
    }

    /// Nil for a scalar that is not seen: zero-width characters, marks of direction, the soft hyphen.
    private static func fold(_ scalar: Unicode.Scalar) -> UInt8? {
        let value = scalar.value
        switch value {
        case 0..<0x80: return UInt8(value)
        case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: return UInt8(ascii: " ")
        case 0xAD, 0x061C, 0x180E, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF:
            return nil
        case 0x2010...0x2015, 0x2212, 0xFE58, 0xFE63, 0x30FC, 0xFF70: return UInt8(ascii: "-")
        case 0xFF01...0xFF5E: return UInt8(value - 0xFEE0)
        case 0xFE6B: return UInt8(ascii: "@")
        case 0x3002, 0xFF61: return UInt8(ascii: ".")
        case 0xA2...0xA5, 0x20A0...0x20CF: return currency
        case 0x4E00...0x9FFF: return word(value) ?? other
        // Accents that follow their letter.
        case 0x300...0x36F: return nil
        case 0xD7, 0xD8, 0xF7, 0xF8: return letter
        case 0xC0...0xFF: return Self.unaccented[Int(value - 0xC0)]
        case 0x100...0x2AF, 0x370...0x52F, 0x1E00...0x1FFF: return letter
        case 0x660...0x669, 0x6F0...0x6F9, 0x966...0x96F, 0x9E6...0x9EF, 0xE50...0xE59, 0x1D7CE...0x1D7FF,
            0x2460...0x2468:
            return digit(scalar)
        default: return other
        }
    }

    /// U+00C0 to U+00FF without their accents, so that words are known however they are typed.
    private static let unaccented = Array("aaaaaaaceeeeiiiidnooooo?ouuuuypsaaaaaaaceeeeiiiidnooooo?ouuuuypy".utf8)

    private static func digit(_ scalar: Unicode.Scalar) -> UInt8 {
        guard let value = scalar.properties.numericValue, (0...9).contains(value) else { return other }
        return UInt8(ascii: "0") + UInt8(value)
    }
}
