extension Settings {
    /// The variables that stand over the file, and what they set.
    package static let environmentVariables: [(name: String, meaning: String)] = [
        ("RETUNED_STATE_DIRECTORY", "stateDirectory (systemd's STATE_DIRECTORY where it is absent)"),
        ("RETUNED_LISTEN", "listen, addresses separated by commas"),
        ("RETUNED_SOCKET", "socket"),
        ("RETUNED_ENGINE", "engine.executable"),
        ("RETUNED_MODEL", "model of the only deployment"),
        ("RETUNED_ADAPTER", "adapter of the only deployment"),
        ("RETUNED_SERVER", "server of the only deployment"),
        ("RETUNED_GATE", "off: gate.enabled of every deployment is false"),
        ("RETUNED_PSEUDONYM_KEYS", "pseudonymKeys, a file"),
        ("RETUNED_WEBHOOK_URL", "adds a webhook named environment; with RETUNED_WEBHOOK_SECRET_FILE"),
    ]

    mutating func apply(environment: [String: String]) throws(SettingsError) {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let folder = value("RETUNED_STATE_DIRECTORY") ?? value("STATE_DIRECTORY") { stateDirectory = folder }
        if let addresses = value("RETUNED_LISTEN") { listen = addresses.split(separator: ",").map(String.init) }
        if let path = value("RETUNED_SOCKET") { socket = path }
        if let path = value("RETUNED_ENGINE") { engine.executable = path }
        if let path = value("RETUNED_PSEUDONYM_KEYS") { pseudonymKeys = path }
        for (name, set) in [
            ("RETUNED_MODEL", { (deployment: inout DeploymentSettings, text: String) in deployment.model = text }),
            ("RETUNED_ADAPTER", { $0.adapter = $1 }),
            ("RETUNED_SERVER", { $0.server = $1 }),
        ] {
            guard let text = value(name) else { continue }
            guard deployments.count == 1 else {
                throw SettingsError(
                    path: "deployments",
                    reason:
                        "\(name) names the only deployment's, but there are \(deployments.count); set it in the file")
            }
            set(&deployments[0], text)
        }
        if let gate = value("RETUNED_GATE") {
            guard gate == "off" || gate == "on" else {
                throw SettingsError(
                    path: "deployments[0].gate.enabled", reason: "RETUNED_GATE is '\(gate)'; use on or off")
            }
            for index in deployments.indices { deployments[index].gate.enabled = gate == "on" }
        }
        if let url = value("RETUNED_WEBHOOK_URL") {
            var webhook = WebhookSettings()
            webhook.name = "environment"
            webhook.url = url
            webhook.secretFile = value("RETUNED_WEBHOOK_SECRET_FILE") ?? ""
            webhook.allowPrivateAddresses = true
            webhooks.append(webhook)
        }
    }
}
