/// IP addresses, versions 4 and 6.
enum InternetAddress {
    /// Four numbers up to 255 that begin at the digit `start`; not a part of a longer dotted number, and not after a
    /// word such as "version".
    static func version4(at start: Int, in bytes: [UInt8]) -> Range<Int>? {
        if start > 0 {
            let before = bytes[start - 1]
            if before.isWord || before == UInt8(ascii: "_") { return nil }
            if before == UInt8(ascii: ".") || before == UInt8(ascii: "-"), start > 1, bytes[start - 2].isWord {
                return nil
            }
        }
        guard let end = version4End(from: start, in: bytes) else { return nil }
        if end < bytes.count {
            let after = bytes[end]
            if after.isWord || after == UInt8(ascii: "_") { return nil }
            if after == UInt8(ascii: ".") || after == UInt8(ascii: "-"), end + 1 < bytes.count, bytes[end + 1].isWord {
                return nil
            }
        }
        let words = NumberContext.words(before: start, in: bytes, limit: 2)
        return words.contains { versions.contains($0) } ? nil : start..<end
    }

    private static let versions: Set<String> = [
        "version", "versions", "ver", "v", "release", "firmware", "build", "section", "driver", "chapter", "update",
        "upgrade",
    ]

    private static func version4End(from start: Int, in bytes: [UInt8]) -> Int? {
        var index = start
        for part in 0..<4 {
            if part > 0 {
                guard index < bytes.count, bytes[index] == UInt8(ascii: ".") else { return nil }
                index += 1
            }
            var value = 0
            let first = index
            while index < bytes.count, bytes[index].isDigit, index - first < 3 {
                value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                index += 1
            }
            guard index > first, value <= 255 else { return nil }
            // 010 is written by devices that always write three digits; 01 stands in dates and versions.
            if index - first == 2, bytes[first] == UInt8(ascii: "0") { return nil }
            // Thousands in a large amount.
            if index - first == 3, value == 0 { return nil }
        }
        return index
    }

    /// The address whose first colon is at `colon`, and where the run of its characters ends.
    static func version6(around colon: Int, in bytes: [UInt8]) -> (range: Range<Int>?, end: Int) {
        var start = colon
        while start > 0, colon - start < 4, isHexadecimal(bytes[start - 1]) { start -= 1 }
        var end = colon
        var colons = 0
        while end < bytes.count, end - start < 48 {
            let byte = bytes[end]
            if byte == UInt8(ascii: ":") {
                colons += 1
            } else if !isHexadecimal(byte), byte != UInt8(ascii: ".") {
                break
            }
            end += 1
        }
        guard colons >= 2 else { return (nil, end) }
        if start > 0, bytes[start - 1].isWord || bytes[start - 1] == UInt8(ascii: "_") { return (nil, end) }
        if end < bytes.count, bytes[end].isWord || bytes[end] == UInt8(ascii: "_") { return (nil, end) }
        var last = end
        while last > start, bytes[last - 1] == UInt8(ascii: ".") { last -= 1 }
        // A colon may close the clause rather than the address.
        if last > start + 1, bytes[last - 1] == UInt8(ascii: ":"), bytes[last - 2] != UInt8(ascii: ":") { last -= 1 }
        return (isVersion6(bytes[start..<last]) ? start..<last : nil, end)
    }

    /// RFC 4291, section 2.2. Addresses of a single group (`::1`) are nobody's and look like programs' text.
    private static func isVersion6(_ text: ArraySlice<UInt8>) -> Bool {
        var groups = 0
        var compressed = false
        var hasDigit = false
        var index = text.startIndex
        if text.starts(with: Array("::".utf8)) {
            compressed = true
            index += 2
        }
        while index < text.endIndex {
            let first = index
            while index < text.endIndex, isHexadecimal(text[index]) {
                hasDigit = hasDigit || text[index].isDigit
                index += 1
            }
            if index < text.endIndex, text[index] == UInt8(ascii: ".") {
                return version4Tail(text[first...]) && isPlausible(groups + 2, compressed, hasDigit)
            }
            guard (1...4).contains(index - first) else { return false }
            groups += 1
            guard index < text.endIndex else { break }
            index += 1
            guard index < text.endIndex else { return false }
            if text[index] == UInt8(ascii: ":") {
                if compressed { return false }
                compressed = true
                index += 1
            }
        }
        return isPlausible(groups, compressed, hasDigit)
    }

    private static func version4Tail(_ text: ArraySlice<UInt8>) -> Bool {
        let tail = Array(text)
        return version4End(from: 0, in: tail) == tail.count
    }

    private static func isPlausible(_ groups: Int, _ compressed: Bool, _ hasDigit: Bool) -> Bool {
        guard compressed ? (2...7).contains(groups) : groups == 8 else { return false }
        return hasDigit || groups >= 4
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        byte.isDigit || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
}
