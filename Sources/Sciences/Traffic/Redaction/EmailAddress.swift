/// E-mail addresses, as people write them (a subset of RFC 5321): a local part without space or in quotation marks, and
/// a domain with a dot.
enum EmailAddress {
    /// - Parameters:
    ///   - at: the at sign's first byte.
    ///   - length: its bytes: `%40` is one too, as addresses of pages write it.
    static func range(around at: Int, length: Int = 1, in bytes: [UInt8]) -> Range<Int>? {
        var domain = at + length
        while domain < bytes.count, bytes[domain] == UInt8(ascii: "@") { domain += 1 }
        var local = at
        // `name @ example.com`; with a space before the sign alone it is somebody's handle.
        if domain + 1 < bytes.count, bytes[domain] == UInt8(ascii: " ") {
            domain += 1
            if at > 1, bytes[at - 1] == UInt8(ascii: " ") { local -= 1 }
        }
        guard let end = domainEnd(from: domain, in: bytes),
            let start = localStart(before: local, isEncoded: length > 1, in: bytes), !isImage(domain..<end, in: bytes)
        else {
            return nil
        }
        return start..<end
    }

    /// `logo@2x.png`: a picture for a screen of that density.
    private static func isImage(_ domain: Range<Int>, in bytes: [UInt8]) -> Bool {
        let labels = bytes[domain].split(separator: UInt8(ascii: "."))
        guard labels.count == 2, let density = labels.first, density.count == 2, density.first?.isDigit == true,
            density.last.map({ $0 | 0x20 }) == UInt8(ascii: "x")
        else { return false }
        return images.contains(String(decoding: labels[1].map { $0 | 0x20 }, as: UTF8.self))
    }

    private static let images: Set<String> = ["png", "jpg", "jpeg", "gif", "webp", "svg"]

    private static func localStart(before at: Int, isEncoded: Bool, in bytes: [UInt8]) -> Int? {
        var start = at
        if at > 1, bytes[at - 1] == UInt8(ascii: "\"") {
            start = at - 2
            while start >= 0, at - start < 66 {
                if bytes[start] == UInt8(ascii: "\"") { return at - start > 2 ? start : nil }
                start -= 1
            }
            return nil
        }
        while start > 0, at - start < 128, isLocal(bytes[start - 1]) {
            if isEncoded, separators.contains(bytes[start - 1]) { break }
            start -= 1
        }
        // Signs that stand around an address rather than in it.
        while start < at, trimmed.contains(bytes[start]) { start += 1 }
        return start < at ? start : nil
    }

    private static func domainEnd(from start: Int, in bytes: [UInt8]) -> Int? {
        var index = start
        var labelStart = start
        var lastDot = -1
        var end: Int?
        while index < bytes.count, index - start < 254 {
            let byte = bytes[index]
            if byte == UInt8(ascii: ".") {
                guard index > labelStart else { break }
                lastDot = index
                labelStart = index + 1
            } else if !(byte.isWord || byte == UInt8(ascii: "-")) {
                break
            } else if lastDot >= 0, isTopLevel(bytes[labelStart...index]) {
                // The longest ending whose last label could be a top-level domain.
                if index + 1 == bytes.count || !(bytes[index + 1].isWord || bytes[index + 1] == UInt8(ascii: "-")) {
                    end = index + 1
                }
            }
            index += 1
        }
        return end
    }

    private static func isTopLevel(_ label: ArraySlice<UInt8>) -> Bool {
        label.count >= 2 && label.count <= 24
            && (label.allSatisfy { $0.isLetter || $0 == FoldedText.letter }
                || label.starts(with: Array("xn--".utf8)))
    }

    private static func isLocal(_ byte: UInt8) -> Bool { byte.isWord || signs.contains(byte) }

    private static let signs = Array("!#$%&'*+-.=?^_`{|}~".utf8)
    /// What separates the fields of a page's address.
    private static let separators = Array("=&?/".utf8)
    private static let trimmed = Array(".'`*_=&?{|~-!".utf8)
}
