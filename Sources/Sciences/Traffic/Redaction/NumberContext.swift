/// The words before a number, which say what it is where its form does not.
enum NumberContext: Sendable {
    case telephone, socialSecurity, somethingElse, unknown

    /// What the nearest telling word among the five before `start` says.
    static func before(_ start: Int, in bytes: [UInt8]) -> NumberContext {
        if precededByJapaneseWord(start, in: bytes) { return .telephone }
        var following: [String] = []
        for word in words(before: start, in: bytes, limit: 6) {
            if socialSecurityWords.contains(word) { return .socialSecurity }
            if telephoneWords.contains(word) || telephonePrefixes.contains(where: word.hasPrefix) { return .telephone }
            // Verbs and nouns of other meanings too: only with nothing but small words until the number.
            if following.allSatisfy(linkingWords.contains) {
                if callingWords.contains(word) || callingPrefixes.contains(where: word.hasPrefix) { return .telephone }
                if word == "reach" || word == "text", !objects.isDisjoint(with: following) { return .telephone }
                if following.last == "number", owners.contains(word) { return .telephone }
            }
            // What it is that is numbered counts only right before the number: people write of their order, and then how to
            // reach them.
            if following.allSatisfy(identifying.contains),
                others.contains(where: word.hasPrefix) || otherWords.contains(word)
            {
                return .somethingElse
            }
            following.append(word)
        }
        if start > 0, bytes[start - 1] == UInt8(ascii: "#") { return .somethingElse }
        return .unknown
    }

    /// Words of ASCII letters in lower case, the nearest first; words over the line's start or further than 48 bytes
    /// are not seen.
    static func words(before start: Int, in bytes: [UInt8], limit: Int) -> [String] {
        var words: [String] = []
        var index = start
        let first = max(0, start - 48)
        while index > first, words.count < limit {
            let byte = bytes[index - 1]
            if byte == 0x0A { break }
            guard byte.isLetter || byte == FoldedText.letter else {
                index -= 1
                continue
            }
            let end = index
            while index > 0, end - index < 24, bytes[index - 1].isLetter || bytes[index - 1] == FoldedText.letter {
                index -= 1
            }
            words.append(String(decoding: bytes[index..<end].map { $0 | 0x20 }, as: UTF8.self))
        }
        return words
    }

    /// 電話, 携帯, 連絡 within twelve characters.
    private static func precededByJapaneseWord(_ start: Int, in bytes: [UInt8]) -> Bool {
        guard start >= 2 else { return false }
        for index in max(1, start - 12)..<start where (0x82...0x86).contains(bytes[index]) {
            if bytes[index] % 2 == 0, bytes[index - 1] == bytes[index] - 1 { return true }
        }
        return false
    }

    private static let socialSecurityWords: Set<String> = ["ssn", "social", "tin", "itin"]
    private static let owners: Set<String> = ["my", "his", "her", "our", "their"]
    private static let telephoneWords: Set<String> = ["tel", "fax", "handy", "viber", "hotline", "ph", "mob", "cel"]
    private static let telephonePrefixes = [
        "phone", "teleph", "telefo", "mobil", "movil", "cellphone", "celular", "cellulare", "whatsapp", "portable",
        "rufnummer", "keitai",
    ]
    private static let callingWords: Set<String> = ["cell", "ring", "dial", "sms"]
    private static let callingPrefixes = ["call", "contact", "appel", "llam", "anruf", "rufen", "ruckruf"]
    private static let objects: Set<String> = ["me", "us", "him", "her", "them"]
    private static let linkingWords = objects.union([
        "num", "you", "back", "at", "on", "under", "to", "via", "by", "my", "our", "his", "their", "your", "number",
        "numbers",
        "nr", "no", "is", "was", "are", "the", "this", "that", "please", "or", "and", "now", "then", "new", "old",
        "directly",
        "anytime", "today", "tomorrow", "asap", "again", "here",
        // German, French, Spanish.
        "sie", "mich", "uns", "unter", "ist", "bitte", "moi", "nous", "au", "le", "mon", "sous", "mi", "nos", "al",
        "el",
        "es", "en",
    ])
    /// Between a word for what is numbered and its number.
    private static let identifying: Set<String> = [
        "number", "numbers", "nr", "no", "num", "is", "was", "id", "code", "the", "my", "your", "with", "of", "and",
        "ref",
    ]
    private static let otherWords: Set<String> = [
        "ref", "case", "sku", "isbn", "part", "id", "pr", "lot", "page", "ean", "upc", "imei", "vin",
    ]
    private static let others = [
        "order", "invoice", "referen", "ticket", "track", "serial", "model", "transact", "version", "item", "product",
        "booking", "confirm", "receipt", "claim", "account", "policy", "batch", "article", "document", "contract",
        "shipment", "parcel", "build", "issue", "commit", "barcode", "timestamp", "epoch",
    ]
}
