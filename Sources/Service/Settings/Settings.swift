import Values

/// The daemon's whole configuration, decoded strictly: an unknown key is an error with its path.
///
/// `config/retuned.yaml` shows every key with its unit, default and range. Environment variables stand over the file
/// (`Settings+Environment.swift`); secrets come from files or systemd credentials only.
package struct Settings: Equatable, Sendable {
    /// Where the log, adapters and job folders live; 0700.
    package var stateDirectory = "/var/lib/retuned"
    /// TCP addresses, `host:port`. Other hosts than loopback are refused without `behindProxy`.
    package var listen = ["127.0.0.1:8340"]
    /// The operators' Unix socket; empty for none.
    package var socket = "/run/retuned/retuned.sock"
    /// Groups whose members may operate over the socket, beside root and the daemon's own user.
    package var operatorGroups: [String] = []
    /// Set when a proxy that terminates TLS stands in front: other addresses than loopback are allowed, and a client's
    /// address is taken from the proxy's header.
    package var behindProxy = false
    package var logLevel = "info"
    /// All durations below are divided by it; 1 in production, larger in a demonstration.
    package var timeScale = 1.0
    /// File with the keys of the pseudonyms; empty: the credential `pseudonym-keys`, else a file in `stateDirectory`.
    package var pseudonymKeys = ""
    /// How long rows are kept.
    package var retention = Duration.seconds(180 * 86_400)
    /// Size of the file that keeps room for deletes on a full disk, in bytes.
    package var ballastBytes = 64 << 20
    package var limits = LimitSettings()
    package var engine = EngineSettings()
    package var webhooks: [WebhookSettings] = []
    package var deployments: [DeploymentSettings] = []

    package init() {}

    /// A duration of the file as it passes in this process.
    package func scaled(_ duration: Duration) -> Double {
        duration.inSeconds / timeScale
    }
}

extension Settings: Decodable {
    /// The keys at the top of the file; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case stateDirectory, listen, socket, operatorGroups, behindProxy, logLevel, timeScale, pseudonymKeys, retention
        case ballastBytes, limits, engine, webhooks, deployments
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try values.read(&stateDirectory, .stateDirectory)
        try values.read(&listen, .listen)
        try values.read(&socket, .socket)
        try values.read(&operatorGroups, .operatorGroups)
        try values.read(&behindProxy, .behindProxy)
        try values.read(&logLevel, .logLevel)
        try values.read(&timeScale, .timeScale)
        try values.read(&pseudonymKeys, .pseudonymKeys)
        try values.readDuration(&retention, .retention)
        try values.read(&ballastBytes, .ballastBytes)
        try values.read(&limits, .limits)
        try values.read(&engine, .engine)
        try values.read(&webhooks, .webhooks)
        try values.read(&deployments, .deployments)
    }
}
