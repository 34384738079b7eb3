import FoundationEssentials

/// A shared secret of Standard Webhooks: `whsec_` and 24 to 64 bytes in base64. It never shows itself in text.
package struct WebhookSecret: Sendable, Equatable {
    /// What is wrong with a secret, without showing it; `line` counts from 1 in a file of secrets.
    package struct SyntaxError: Error, Equatable, Sendable, CustomStringConvertible {
        package var line: Int?
        package var reason: String

        package init(line: Int? = nil, reason: String) {
            self.line = line
            self.reason = reason
        }

        package var description: String {
            "the webhook secret\(line.map { " in line \($0)" } ?? "") \(reason); "
                + "write whsec_ and 24 to 64 random bytes in base64"
        }
    }

    let bytes: Data

    package init(_ text: some StringProtocol) throws(SyntaxError) {
        guard text.hasPrefix("whsec_") else { throw SyntaxError(reason: "does not start with whsec_") }
        guard let bytes = Data(base64Encoded: String(text.dropFirst(6))) else {
            throw SyntaxError(reason: "is not base64 after whsec_")
        }
        guard (24...64).contains(bytes.count) else { throw SyntaxError(reason: "has \(bytes.count) bytes") }
        self.bytes = bytes
    }

    /// The secrets of a file, one a line; empty lines and lines that start with `#` are skipped. At least one.
    package static func list(in contents: String) throws(SyntaxError) -> [WebhookSecret] {
        var secrets: [WebhookSecret] = []
        for (index, line) in contents.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            let start = line.drop(while: \.isWhitespace)
            let text = String(start.reversed().drop(while: \.isWhitespace).reversed())
            if text.isEmpty || text.hasPrefix("#") { continue }
            do {
                secrets.append(try WebhookSecret(text))
            } catch {
                throw SyntaxError(line: index + 1, reason: error.reason)
            }
        }
        if secrets.isEmpty { throw SyntaxError(reason: "is missing: the file holds none") }
        return secrets
    }
}

extension WebhookSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "whsec_(not shown)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
