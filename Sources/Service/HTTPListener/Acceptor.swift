import CLinux
import NIOCore
import NIOPosix

/// Binds server channels and admits or refuses what they accept.
struct Acceptor: Sendable {
    let registry: ConnectionRegistry
    let limits: ListenerLimits
    let observer: ListenerObserver
    let refusalFields: @Sendable () -> String
    let accepted: @Sendable (Connection) -> Void

    /// Begins to accept at all `sockets`, whose descriptors the channels then own.
    func listen(on sockets: [ListeningSocket], group: MultiThreadedEventLoopGroup) async throws -> [any Channel] {
        var servers: [any Channel] = []
        do {
            for socket in sockets {
                let server = try await ServerBootstrap(group: group)
                    .serverChannelOption(.maxMessagesPerRead, value: 16)
                    .childChannelOption(.autoRead, value: false)
                    .childChannelOption(.maxMessagesPerRead, value: 1)
                    .childChannelOption(.allowRemoteHalfClosure, value: true)
                    .childChannelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture { try initialize(channel) }
                    }
                    .withBoundSocket(socket.descriptor).get()
                servers.append(server)
            }
        } catch {
            for server in servers { server.close(promise: nil) }
            throw error
        }
        return servers
    }

    private func initialize(_ channel: any Channel) throws {
        let peer = peer(of: channel)
        let origin: ConnectionRegistry.Origin =
            if case .tcp(let address) = peer { .tcp(address: address) } else { .unix }
        let (refusal, open) = registry.admit(origin)
        if let refusal {
            observer.connectionRefused(refusal)
            return try refuse(channel, for: refusal)
        }
        observer.connectionsChanged(open)
        channel.closeFuture.whenComplete { [registry, observer] _ in
            observer.connectionsChanged(registry.release(origin))
        }
        if case .tcp = peer {
            // Answers leave at once; a small one must not wait for an acknowledgement.
            try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
        }
        let connection = try Connection(channel: channel, peer: peer, limits: limits, onCut: observer.connectionCut)
        guard registry.add(connection) else {
            channel.close(promise: nil)
            return
        }
        accepted(connection)
    }

    private func refuse(_ channel: any Channel, for refusal: ListenerObserver.Refusal) throws {
        guard registry.refusalBegan() else {
            channel.close(promise: nil)
            return
        }
        channel.closeFuture.whenComplete { [registry] _ in registry.refusalEnded() }
        let detail =
            switch refusal {
            case .full: "All connections are taken; try again in a moment."
            case .addressFull: "This address has as many connections open as it may; use them, or close some."
            case .shuttingDown: "The service is stopping."
            }
        let body = Problem.unavailable(detail, kind: "too-many-connections", retryAfterSeconds: 1).serialized
        var answer = ByteBuffer(
            string: "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/problem+json\r\n"
                + "content-length: \(body.count)\r\nretry-after: 1\r\nconnection: close\r\n\(refusalFields())\r\n")
        answer.writeBytes(body)
        try channel.pipeline.syncOperations.addHandler(RefusalHandler(answer: answer))
    }

    private func peer(of channel: any Channel) -> Peer {
        if case .unixDomainSocket = channel.localAddress {
            let credentials = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { linux_peer_credentials_of($0) }
            guard let credentials, credentials.error == 0 else {
                // Nobody: no process, and the ids that no user has.
                return .unix(process: -1, user: .max, group: .max)
            }
            return .unix(process: credentials.process, user: credentials.user, group: credentials.group)
        }
        return .tcp(address: channel.remoteAddress?.ipAddress ?? "unknown")
    }
}
