/// Why an operator's test or requeue of a delivery was not taken; each says it in a sentence.
package enum WebhookError: Error, Equatable, Sendable {
    case unknownEndpoint(name: String)
    case unknownEvent(identifier: String)
    case endpointDisabled(name: String, reason: String)
}

extension WebhookError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownEndpoint(let name): "no webhook is named '\(name)' in the configuration"
        case .unknownEvent(let identifier): "no delivery of the event '\(identifier)' is known; it may have been purged"
        case .endpointDisabled(let name, let reason):
            "the webhook '\(name)' is disabled (\(reason)); enable it first: retunectl webhooks enable \(name)"
        }
    }
}
