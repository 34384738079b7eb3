import DurableFiles
import FeedbackLoop
import Foundation
import HTTPListener
import HTTPServing
import Logging
import OutboundHTTP
import Serving
import Settings
import Store
import Traffic
import Tuning
import Values
import Webhooks

extension Daemon {
    /// Path of `retuned-engine`: the configured one, else beside this executable.
    var engineExecutable: String {
        if !settings.engine.executable.isEmpty { return settings.engine.executable }
        let own =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent("retuned-engine").path
    }

    func builtinEngine(
        _ deployment: DeploymentSettings, client: HTTPClient, logger: Logger, onRestart: @escaping @Sendable () -> Void
    ) -> BuiltinEngine {
        BuiltinEngine(
            executable: engineExecutable, model: deployment.model, servedName: deployment.servedBaseName,
            socket: "\(settings.stateDirectory)/\(deployment.name).sock", threads: settings.engine.servingThreads,
            maximumBatch: settings.engine.maximumBatch, client: client,
            onRestart: onRestart, randomFraction: { Double.random(in: 0..<1) }, logger: logger)
    }

    func loopContext(
        _ deployment: DeploymentSettings, store: DurableStore, runner: LocalJobRunner, backend: any ServingBackend,
        logger: Logger
    ) async throws -> LoopContext {
        let model = deployment.model
        var checkpoint: CheckpointSummary?
        var fault: String?
        do {
            if !model.isEmpty { checkpoint = try await Self.offPool { try CheckpointSummary(folder: model) } }
        } catch {
            // The log goes on without a model; only training cannot.
            fault = "nothing can be trained: \(error), then start the daemon again"
            logger.error("\(fault ?? "")", metadata: ["deployment": "\(deployment.name)"])
        }
        return LoopContext(
            settings: settings, deployment: deployment, store: store, runner: runner, backend: backend,
            jobs: JobFolderWriter(root: "\(settings.stateDirectory)/jobs"),
            adapters: AdapterFiles(root: "\(settings.stateDirectory)/adapters"), checkpoint: checkpoint,
            checkpointFault: fault, logger: logger)
    }

    private static func offPool<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try work() }) }
        }
    }

    func listenerConfiguration() -> ListenerConfiguration {
        var addresses: [ListenAddress] = settings.listen.compactMap { address in
            guard let colon = address.lastIndex(of: ":"), let port = Int(address[address.index(after: colon)...]) else {
                return nil
            }
            // The brackets of a literal IPv6 address are the notation's, not the address's.
            let host = address[..<colon]
            let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
            return .tcp(host: String(isBracketed ? host.dropFirst().dropLast() : host), port: port)
        }
        if !settings.socket.isEmpty { addresses.append(.unix(path: settings.socket, mode: 0o660)) }
        var limits = ListenerLimits()
        limits.connections = settings.limits.connections
        limits.headerDeadline = .seconds(settings.limits.headerSeconds)
        limits.bodyDeadline = .seconds(settings.limits.bodySeconds)
        limits.idleTimeout = .seconds(settings.limits.idleSeconds)
        limits.bodyBytes = settings.limits.bodyBytes
        return ListenerConfiguration(
            addresses: addresses, limits: limits, trustsForwardedFor: settings.behindProxy,
            requestIdentifierPrefix: "\(ProcessInfo.processInfo.processIdentifier)-")
    }

    /// The endpoints of the configuration, with the secrets from their files.
    static func endpoints(_ settings: Settings) throws -> [WebhookEndpoint] {
        try settings.webhooks.enumerated().map { index, webhook in
            let secrets: [WebhookSecret]
            do {
                secrets = try WebhookSecret.list(
                    in: String(decoding: try DurableFiles.read(webhook.secretFile), as: UTF8.self))
            } catch {
                throw SettingsError(path: "webhooks[\(index)].secretFile", reason: "\(error)")
            }
            return WebhookEndpoint(
                name: webhook.name, url: webhook.url, secrets: secrets,
                types: Set(webhook.types), addressPolicy: webhook.allowPrivateAddresses ? .any : .publicOnly())
        }
    }

    func daemonContext(
        store: DurableStore, keys: PseudonymKeys, deployments: [ServedDeployment], dispatcher: WebhookDispatcher,
        client: HTTPClient,
        metrics: DaemonMetrics, reload: ConfigurationReload, logger: Logger
    ) throws -> DaemonContext {
        DaemonContext(
            settings: settings, store: store, deployments: deployments, keys: keys,
            webhooks: dispatcher, client: client, metrics: metrics,
            mayOperate: { user, group in
                OperatorGroups(groups: reload.settings.operatorGroups).allows(user: user, group: group)
            },
            reload: { try reload.reload() }, configuredWebhooks: { reload.settings.webhooks },
            now: { WallClock().now() }, uptimeSeconds: { WallClock.uptimeSeconds() },
            randomBytes: { count in (0..<count).map { _ in UInt8.random(in: .min ... .max) } }, logger: logger)
    }
}
