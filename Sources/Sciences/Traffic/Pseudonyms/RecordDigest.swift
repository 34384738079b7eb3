import Crypto
package import Values

/// The name of a stored row by its content, `sha256:` and 64 hexadecimal digits over its canonical JSON (RFC 8785).
package enum RecordDigest {
    package static func digest(of row: JSONValue) -> String {
        "sha256:" + Hexadecimal.text(of: SHA256.hash(data: row.canonical))
    }
}
