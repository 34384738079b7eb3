import Testing
import Values
import Webhooks

@Suite("Webhooks signature")
struct WebhookSignatureTests {
    let secret = try? WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    let other = try? WebhookSecret("whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    let identifier = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    let sent = Timestamp(milliseconds: 1_614_265_330_000)
    let body = Array(#"{"test": 2432232314}"#.utf8)
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    @Test("The published vector")
    func vector() throws {
        let secret = try #require(secret)
        #expect(
            WebhookSignature.sign(identifier: identifier, timestamp: sent, body: body, secrets: [secret]) == expected)
        // Milliseconds are not signed.
        #expect(
            WebhookSignature.sign(
                identifier: identifier, timestamp: Timestamp(milliseconds: sent.milliseconds + 999), body: body,
                secrets: [secret]) == expected)
        try WebhookSignature.verify(
            identifier: identifier, timestamp: "1614265330", signature: expected, body: body, secrets: [secret],
            now: sent)
    }

    @Test("Rotation: signed with both, verified with either; other versions are passed over")
    func rotation() throws {
        let (secret, other) = (try #require(secret), try #require(other))
        let signature = WebhookSignature.sign(
            identifier: identifier, timestamp: sent, body: body, secrets: [other, secret])
        #expect(signature.split(separator: " ").count == 2)
        for secrets in [[secret], [other], [other, secret]] {
            try WebhookSignature.verify(
                identifier: identifier, timestamp: "1614265330", signature: "v1a,AAAA v2 x " + signature, body: body,
                secrets: secrets, now: sent)
        }
    }

    @Test("Anything else is refused")
    func refusals() throws {
        let (secret, other) = (try #require(secret), try #require(other))
        func refusal(
            _ identifier: String? = nil, _ timestamp: String = "1614265330", _ signature: String? = nil,
            _ body: [UInt8]? = nil, _ secrets: [WebhookSecret]? = nil, now: Int64 = 0
        ) -> WebhookSignature.Refusal? {
            do {
                try WebhookSignature.verify(
                    identifier: identifier ?? self.identifier, timestamp: timestamp, signature: signature ?? expected,
                    body: body ?? self.body, secrets: secrets ?? [secret], now: sent.advanced(bySeconds: Double(now)))
                return nil
            } catch { return error }
        }
        #expect(refusal() == nil && refusal(now: 300) == nil && refusal(now: -300) == nil)
        #expect(refusal(now: 301) == .timestampOutsideTolerance && refusal(now: -301) == .timestampOutsideTolerance)
        #expect(refusal("msg_other") == .noMatch)
        #expect(refusal(nil, "1614265331") == .noMatch)
        #expect(
            refusal(nil, "1614265330.0") == .malformedTimestamp && refusal(nil, "+1614265330") == .malformedTimestamp)
        #expect(refusal(nil, "9223372036854775807") == .timestampOutsideTolerance)
        #expect(refusal(nil, "-9223372036854775808") == .timestampOutsideTolerance)
        #expect(refusal(nil, "1614265330", "") == .noMatch && refusal(nil, "1614265330", "v1,") == .noMatch)
        #expect(refusal(nil, "1614265330", nil, body + [32]) == .noMatch)
        #expect(refusal(nil, "1614265330", nil, nil, [other]) == .noMatch)
    }

    @Test("Secrets: what they must be, and that they do not show")
    func secrets() throws {
        for text in [
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_AAAA", "whsec_!!!!",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            #expect(throws: WebhookSecret.SyntaxError.self) { try WebhookSecret(text) }
        }
        let secret = try #require(secret)
        var dumped = "\(secret) \(String(reflecting: secret))"
        dump(secret, to: &dumped)
        #expect(!dumped.contains("MfKQ") && !dumped.contains("24"))
        let list = try WebhookSecret.list(
            in:
                "# old and new\r\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n\n  whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n"
        )
        #expect(list == [secret, other])
        #expect(throws: WebhookSecret.SyntaxError(line: 2, reason: "does not start with whsec_")) {
            try WebhookSecret.list(in: "\nsecret")
        }
        #expect(throws: WebhookSecret.SyntaxError.self) { try WebhookSecret.list(in: "\n") }
    }

    @Test("Retry-After in seconds and as a date")
    func retryAfter() throws {
        let now = try #require(Timestamp("1994-11-06T08:49:00Z"))
        #expect(RetryAfter.seconds("120", now: now) == 120)
        #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:49:37 GMT", now: now) == 37)
        #expect(RetryAfter.seconds("Sun, 06 Nov 1993 08:49:37 GMT", now: now) == 0)
        for text in [
            "", "-1", "1.5", "soon", "99999999999", "Sun, 06 Nov 1994 08:49:37", "Sun, 99 Nov 1994 08:49:37 GMT",
        ] {
            #expect(RetryAfter.seconds(text, now: now) == nil)
        }
    }

    @Test("The schedule of the specification, with jitter on top, and never earlier than Retry-After")
    func schedule() {
        let schedule = WebhookSchedule()
        let delays = (1...10).map { schedule.delaySeconds(afterAttempts: $0, retryAfterSeconds: nil, fraction: 0) }
        #expect(delays == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400, nil])
        #expect(schedule.delaySeconds(afterAttempts: 2, retryAfterSeconds: nil, fraction: 0.5) == 330)
        #expect(schedule.delaySeconds(afterAttempts: 1, retryAfterSeconds: 60, fraction: 0) == 60)
        #expect(schedule.delaySeconds(afterAttempts: 2, retryAfterSeconds: 60, fraction: 0) == 300)
        #expect(schedule.delaySeconds(afterAttempts: 1, retryAfterSeconds: 1e9, fraction: 0) == 86400)
        #expect(schedule.delaySeconds(afterAttempts: 10, retryAfterSeconds: 60, fraction: 0) == nil)
    }
}
