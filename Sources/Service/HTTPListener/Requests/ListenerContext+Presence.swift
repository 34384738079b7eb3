extension ListenerContext {
    /// Whether the client has closed its side of the connection (or shut down its sending half: a client that does so
    /// while it waits for a stream is taken to have left).
    package var clientHasLeft: Bool { presence.hasLeft }

    /// From now on the task that answers this request, including the one that writes a streamed body, is cancelled
    /// when the client leaves. For streams that end with their reader; a route that must finish its work (store an
    /// interaction) uses ``onClientLeft(_:)`` instead.
    package func cancelWhenClientLeaves() {
        presence.cancelWhenLeft()
    }

    /// Calls `action` once, on a thread of the listener, when the client leaves before the answer is complete; at once
    /// where it has left already. It must be quick. It is forgotten when the answer is complete.
    package func onClientLeft(_ action: @escaping @Sendable () -> Void) {
        presence.onLeft(action)
    }
}
