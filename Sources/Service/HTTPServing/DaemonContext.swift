package import API
package import Logging
package import OutboundHTTP
package import Settings
package import Store
package import Traffic
package import Values
package import Webhooks

/// What the routes work with: everything that reaches outside, injected.
package struct DaemonContext: Sendable {
    package var settings: Settings
    package var store: DurableStore
    package var deployments: [ServedDeployment]
    package var keys: PseudonymKeys
    package var webhooks: WebhookDispatcher
    package var client: HTTPClient
    package var metrics: DaemonMetrics
    /// Whether a process at the other end of the Unix socket may operate: root, the daemon's own user, or a member of
    /// the configured groups.
    package var mayOperate: @Sendable (_ user: UInt32, _ group: UInt32) -> Bool
    /// Reads the configuration again.
    package var reload: @Sendable () throws -> ReloadView
    /// The webhooks in force.
    package var configuredWebhooks: @Sendable () -> [WebhookSettings]
    package var now: @Sendable () -> Timestamp
    /// Seconds of a clock that only goes forward, for latencies.
    package var uptimeSeconds: @Sendable () -> Double
    /// So many bytes of the system's generator, for tokens and identifiers.
    package var randomBytes: @Sendable (Int) -> [UInt8]
    package var logger: Logger

    package init(
        settings: Settings, store: DurableStore, deployments: [ServedDeployment], keys: PseudonymKeys,
        webhooks: WebhookDispatcher, client: HTTPClient, metrics: DaemonMetrics,
        mayOperate: @escaping @Sendable (_ user: UInt32, _ group: UInt32) -> Bool,
        reload: @escaping @Sendable () throws -> ReloadView,
        configuredWebhooks: @escaping @Sendable () -> [WebhookSettings],
        now: @escaping @Sendable () -> Timestamp, uptimeSeconds: @escaping @Sendable () -> Double,
        randomBytes: @escaping @Sendable (Int) -> [UInt8],
        logger: Logger
    ) {
        self.settings = settings
        self.store = store
        self.deployments = deployments
        self.keys = keys
        self.webhooks = webhooks
        self.client = client
        self.metrics = metrics
        self.mayOperate = mayOperate
        self.reload = reload
        self.configuredWebhooks = configuredWebhooks
        self.now = now
        self.uptimeSeconds = uptimeSeconds
        self.randomBytes = randomBytes
        self.logger = logger
    }

    /// A fresh identifier: the prefix and 96 random bits.
    func identifier(_ prefix: String) -> String { prefix + hexadecimal(randomBytes(12)) }
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}
