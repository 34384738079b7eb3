import Crypto
import Values

/// The keys that make pseudonyms: one that is in use and older ones that are still known, so that a rotation breaks
/// neither erasure nor what is compared with older rows.
///
/// A pseudonym is the first 128 bits of HMAC-SHA256 over kind, deployment and name, as 32 hexadecimal digits. Deployment
/// stands in it so that tenants of one daemon cannot be linked; unit and rater share a kind, since the default rater
/// is the unit and caps compare them.
package struct PseudonymKeys: Sendable {
    /// What a name stands for. It goes into the hash, so that a unit and a conversation of one name have different
    /// pseudonyms.
    package enum Kind: String, Sendable {
        case unit
        case conversation
    }

    private struct Key: Sendable {
        let id: String
        let secret: SymmetricKey
    }

    /// The key in use is the first.
    private let keys: [Key]

    /// Identifier of the key in use.
    package var currentID: String { keys[0].id }
    /// Identifiers of all keys, the one in use first.
    package var ids: [String] { keys.map(\.id) }

    /// Reads a credential: a line a key, `id base64`, the one in use first; lines that start with # are comments.
    /// A secret has at least 32 bytes.
    package init(credential text: String) throws(PseudonymKeyError) {
        var keys: [Key] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.isEmpty || words[0].hasPrefix("#") { continue }
            guard words.count == 2 else {
                throw PseudonymKeyError(reason: "line \(index + 1) is not `id base64`")
            }
            let id = String(words[0])
            guard let secret = Base64.decode(words[1].utf8), secret.count >= 32 else {
                throw PseudonymKeyError(
                    reason:
                        "line \(index + 1) holds no base64 of at least 32 bytes; make one with `openssl rand -base64 32`"
                )
            }
            guard !keys.contains(where: { $0.id == id }) else {
                throw PseudonymKeyError(reason: "line \(index + 1) names the key \(id) a second time")
            }
            keys.append(Key(id: id, secret: SymmetricKey(data: secret)))
        }
        guard !keys.isEmpty else { throw PseudonymKeyError(reason: "it holds no key") }
        self.keys = keys
    }

    /// The credential's text for one new key; `secret` comes from the system's generator.
    package static func credential(id: String, secret: [UInt8]) -> String {
        "\(id) \(Base64.encode(secret))\n"
    }

    /// What tells keys of one id apart and says nothing of them: 63 bits of a keyed hash, by the key's id.
    package var fingerprints: [(id: String, fingerprint: Int64)] {
        keys.map { key in
            let bits = digest([Array("fingerprint".utf8)], key: key).prefix(8).reduce(UInt64(0)) {
                $0 << 8 | UInt64($1)
            }
            return (key.id, Int64(bits >> 1))
        }
    }

    /// The pseudonym under the key in use.
    package func pseudonym(of name: String, kind: Kind, deployment: String) -> String {
        pseudonym(of: name, kind: kind, deployment: deployment, key: keys[0])
    }

    /// The pseudonyms under all known keys, the one in use first: under which a unit may stand in the log.
    package func allPseudonyms(
        of name: String, kind: Kind, deployment: String
    ) -> [(keyID: String, pseudonym: String)] {
        keys.map { ($0.id, pseudonym(of: name, kind: kind, deployment: deployment, key: $0)) }
    }

    /// Keyed hash of a body's canonical JSON; nil for a key that is no longer known.
    package func bodyHash(of canonical: [UInt8], keyID: String) -> [UInt8]? {
        guard let key = keys.first(where: { $0.id == keyID }) else { return nil }
        return digest([Array("body".utf8), canonical], key: key)
    }

    private func pseudonym(of name: String, kind: Kind, deployment: String, key: Key) -> String {
        // What reads the same is one person.
        let composed = AnswerText.composed(name)
        let bytes = digest([Array(kind.rawValue.utf8), Array(deployment.utf8), Array(composed.utf8)], key: key)
        return Hexadecimal.text(of: bytes.prefix(16))
    }

    /// HMAC over the parts, each after its length, so that no two lists of parts give the same input.
    private func digest(_ parts: [[UInt8]], key: Key) -> [UInt8] {
        var code = HMAC<SHA256>(key: key.secret)
        code.update(data: Array("retuned 1".utf8))
        for part in parts {
            let count = UInt64(part.count)
            code.update(data: (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) })
            code.update(data: part)
        }
        return Array(code.finalize())
    }
}
