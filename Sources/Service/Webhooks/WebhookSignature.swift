internal import Crypto
internal import FoundationEssentials
package import Values

/// Standard Webhooks 1.0.0, symmetric signatures: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, the
/// timestamp in whole seconds; one for each secret, separated by spaces, so that secrets can be rotated without a gap.
package enum WebhookSignature {
    /// The value of `webhook-signature`.
    package static func sign(
        identifier: String, timestamp: Timestamp, body: [UInt8], secrets: [WebhookSecret]
    ) -> String {
        let content = signedContent(identifier: identifier, seconds: seconds(timestamp), body: body)
        return secrets.map { "v1," + Data(authenticationCode(content, $0)).base64EncodedString() }
            .joined(separator: " ")
    }

    /// Why a delivery is not taken for genuine.
    package enum Refusal: Error, Equatable, Sendable {
        case malformedTimestamp
        /// Older or newer than the tolerance: a replay, or a wrong clock.
        case timestampOutsideTolerance
        case noMatch
    }

    /// Checks the three headers of a delivery against `body` as it came. Signatures of other versions are passed over.
    /// Compares in constant time.
    package static func verify(
        identifier: String, timestamp: String, signature: String, body: [UInt8], secrets: [WebhookSecret],
        now: Timestamp, toleranceSeconds: Int64 = 300
    ) throws(Refusal) {
        guard let sent = Int64(timestamp), String(sent) == timestamp else { throw .malformedTimestamp }
        let (age, overflow) = seconds(now).subtractingReportingOverflow(sent)
        guard !overflow, age >= -toleranceSeconds, age <= toleranceSeconds else { throw .timestampOutsideTolerance }
        let content = signedContent(identifier: identifier, seconds: sent, body: body)
        for part in signature.split(separator: " ") where part.hasPrefix("v1,") {
            guard let code = Data(base64Encoded: String(part.dropFirst(3))) else { continue }
            for secret in secrets
            where HMAC<SHA256>.isValidAuthenticationCode(
                code, authenticating: content, using: SymmetricKey(data: secret.bytes))
            {
                return
            }
        }
        throw .noMatch
    }

    /// Whole seconds since 1970, rounded down.
    static func seconds(_ timestamp: Timestamp) -> Int64 {
        (timestamp.milliseconds - (timestamp.milliseconds % 1000 + 1000) % 1000) / 1000
    }

    private static func signedContent(identifier: String, seconds: Int64, body: [UInt8]) -> [UInt8] {
        Array("\(identifier).\(seconds).".utf8) + body
    }

    private static func authenticationCode(_ content: [UInt8], _ secret: WebhookSecret) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: content, using: SymmetricKey(data: secret.bytes))
    }
}
