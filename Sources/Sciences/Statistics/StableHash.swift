/// Hashes of texts that are the same in every process and on every machine (Swift's own are seeded anew in each).
///
/// They sort, split and seed; they are no secrets and need no strength against an adversary. Who stands in which arm of an
/// experiment is decided by SHA-256 (`Assignment`), since a unit's name may be chosen by whoever wants an arm.
package enum StableHash {
    private static let prime: UInt64 = 0x100_0000_01b3

    /// FNV-1a over the text's UTF-8, 64 bits (Fowler, Noll & Vo); `state` goes on from another hash.
    package static func fnv1a(_ text: String, state: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        text.utf8.reduce(state) { ($0 ^ UInt64($1)) &* prime }
    }

    /// A uniform number in [0, 1) from a text, a salt and a seed: FNV-1a over both, finished by SplitMix64's mixer.
    package static func uniform(_ text: String, salt: String, seed: UInt64) -> Double {
        let salted = (fnv1a(salt, state: 0xcbf2_9ce4_8422_2325 ^ seed) ^ 0xff) &* prime
        return Double(SplitMix64.mixed(fnv1a(text, state: salted)) >> 11) * 0x1p-53
    }
}
