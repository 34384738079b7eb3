package import OutboundHTTP

/// A receiver of events.
package struct WebhookEndpoint: Sendable, Equatable {
    /// Unique; deliveries are kept under it.
    package var name: String
    package var url: String
    /// All sign, the first first; at least one.
    package var secrets: [WebhookSecret]
    /// Types of events it gets; empty: all.
    package var types: Set<String>
    /// The open internet only, unless the operator has said otherwise for this endpoint.
    package var addressPolicy: AddressPolicy

    package init(
        name: String, url: String, secrets: [WebhookSecret], types: Set<String> = [],
        addressPolicy: AddressPolicy = .publicOnly()
    ) {
        self.name = name
        self.url = url
        self.secrets = secrets
        self.types = types
        self.addressPolicy = addressPolicy
    }

    func receives(_ type: String) -> Bool { types.isEmpty || types.contains(type) }
}
