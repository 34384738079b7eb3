/// FNV-1a over parts: finds accidents, not attacks.
enum Fingerprint {
    static func of(_ parts: [[UInt8]]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for part in parts {
            for byte in part { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = (hash ^ UInt64(part.count)) &* 0x100_0000_01B3
        }
        return hash
    }
}
