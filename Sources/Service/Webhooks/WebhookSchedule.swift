/// When a delivery is attempted: the example schedule of Standard Webhooks 1.0.0, ten attempts over about three days.
package struct WebhookSchedule: Sendable, Equatable {
    /// Seconds to wait before each attempt, counted from the one before.
    package var delaysSeconds: [Double]
    /// Share of a delay that chance may add, so that many failed deliveries do not come back at once.
    package var jitter: Double
    /// The longest wait that a receiver's `Retry-After` is heeded for.
    package var maximumRetryAfterSeconds: Double

    package init(
        delaysSeconds: [Double] = [0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400], jitter: Double = 0.2,
        maximumRetryAfterSeconds: Double = 86400
    ) {
        self.delaysSeconds = delaysSeconds
        self.jitter = jitter
        self.maximumRetryAfterSeconds = maximumRetryAfterSeconds
    }

    /// Seconds from the failure of attempt number `attempts` (from 1) to the next; nil: that was the last.
    ///
    /// `fraction` is the chance, 0 ..< 1. A `Retry-After` lengthens the wait, never shortens it.
    package func delaySeconds(afterAttempts attempts: Int, retryAfterSeconds: Double?, fraction: Double) -> Double? {
        guard attempts < delaysSeconds.count else { return nil }
        let delay = delaysSeconds[attempts] * (1 + jitter * fraction)
        return max(delay, min(retryAfterSeconds ?? 0, maximumRetryAfterSeconds))
    }
}
