/// A picture, sound or file that stands in a message as a `data:` address (RFC 2397), which holds nothing to read.
enum EmbeddedMedia {
    /// What is shorter is read like any text: a number of a card is a base64 text too.
    private static let leastBytes = 64

    /// Whether a text is one address of such a kind and nothing else: a type of media, then base64 to the end.
    static func isAll(of text: String) -> Bool {
        guard text.hasPrefix("data:") else { return false }
        let bytes = Array(text.utf8)
        let marker = Array(";base64,".utf8)
        guard let start = (5..<min(bytes.count, 128)).first(where: { bytes[$0...].starts(with: marker) }),
            kinds.contains(where: { bytes[5..<start].starts(with: $0.utf8) })
        else { return false }
        let content = bytes[(start + marker.count)...]
        return content.count >= leastBytes && content.contains { $0.isLetter }
            && content.allSatisfy { $0.isWord || signs.contains($0) }
    }

    private static let kinds = ["image/", "audio/", "video/", "application/"]
    private static let signs = Array("+/=-".utf8)
}
