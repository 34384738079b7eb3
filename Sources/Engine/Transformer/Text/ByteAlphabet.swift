/// GPT-2's alphabet of bytes: every byte has a printable character that stands for it in the vocabulary.
///
/// Printable Latin-1 stands for itself; the other 68 bytes, in order, are U+0100 and on (`bytes_to_unicode` of GPT-2).
enum ByteAlphabet {
    /// Scalar of each byte.
    static let scalars: [UInt32] = {
        var scalars: [UInt32] = []
        var next: UInt32 = 0x100
        for byte in UInt32(0)...255 {
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
                scalars.append(byte)
            } else {
                scalars.append(next)
                next += 1
            }
        }
        return scalars
    }()

    /// Byte of each scalar below `bytes.count`, or -1.
    static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 0x144)
        for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
        return bytes
    }()

    /// The bytes that `token` stands for; the token's own UTF-8 where it is not written in this alphabet.
    static func decode(_ token: String) -> [UInt8] {
        var decoded: [UInt8] = []
        for scalar in token.unicodeScalars {
            guard scalar.value < bytes.count, bytes[Int(scalar.value)] >= 0 else { return Array(token.utf8) }
            decoded.append(UInt8(bytes[Int(scalar.value)]))
        }
        return decoded
    }
}
