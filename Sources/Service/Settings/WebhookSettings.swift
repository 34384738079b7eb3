import API

/// Where events are delivered, signed as Standard Webhooks 1.0.0 says.
package struct WebhookSettings: Equatable, Sendable {
    package var name = ""
    package var url = ""
    /// File with one or more `whsec_…` secrets, a line each; all sign, so that a receiver may rotate.
    package var secretFile = ""
    /// Event types delivered; empty for all.
    package var types: [String] = []
    /// Whether the address may be private or loopback.
    package var allowPrivateAddresses = false

    package init() {}

    /// Every event type that can be subscribed to; `webhook.test` is sent when asked for, whatever is subscribed.
    package static let knownTypes = WebhookEventType.allCases.filter { $0 != .test }.map(\.rawValue)
}

extension WebhookSettings: Decodable {
    /// The keys of an entry of `webhooks`; any other is refused.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, url, secretFile, types, allowPrivateAddresses
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        name = try values.decode(String.self, forKey: .name)
        try values.read(&url, .url)
        try values.read(&secretFile, .secretFile)
        try values.read(&types, .types)
        try values.read(&allowPrivateAddresses, .allowPrivateAddresses)
    }
}
