package import Hummingbird
package import Logging

/// What a route knows of a request beside the request itself.
package struct ListenerContext: RequestContext {
    /// What the listener knows of a request when its head has come: who asks, the body to come, and whether the client
    /// is there.
    package struct Source: RequestContextSource {
        package let logger: Logger
        let identifier: String
        let peer: Peer
        let body: RequestBodySource
        let presence: ClientPresence
    }

    package var coreContext: CoreRequestContextStorage
    /// Unique within this process (and beyond, with the configuration's prefix).
    package let id: String
    /// Who asks.
    package let peer: Peer
    let body: RequestBodySource
    let presence: ClientPresence

    package init(source: Source) {
        coreContext = .init(source: source)
        id = source.identifier
        peer = source.peer
        body = source.body
        presence = source.presence
    }
}
