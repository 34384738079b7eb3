import Crypto

/// The text of a token: `rt_`, 16 hexadecimal digits that find it, `_`, 64 that are secret, and 8 that check it (CRC-32
/// over what stands before), so that a mistyped token is told from an unknown one and a leaked one is easily found.
enum BearerToken {
    static func text(id: String, secret: [UInt8]) -> String {
        let text = "rt_\(id)_\(hexadecimal(secret))"
        return text + check(text)
    }

    /// The id that a token's text names; nil where it is no token of ours.
    static func id(of text: some StringProtocol) -> String? {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard text.utf8.count == 92, parts.count == 3, parts[0] == "rt", parts[1].utf8.count == 16,
            check(String(text.dropLast(8))) == text.suffix(8)
        else { return nil }
        return String(parts[1])
    }

    /// SHA-256 of the text, which is all that is stored.
    static func hash(_ text: some StringProtocol) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// Compares in a time that depends on the lengths only.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }

    private static func check(_ text: String) -> String {
        var sum = UInt32.max
        for byte in text.utf8 {
            sum ^= UInt32(byte)
            for _ in 0..<8 { sum = (sum >> 1) ^ (sum & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        sum = ~sum
        return hexadecimal((0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
    }
}
