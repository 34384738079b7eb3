import ChildProcesses
import DurableFiles
import FeedbackLoop
import Foundation
import HTTPListener
import HTTPServing
import Locking
import Logging
import OutboundHTTP
import ServiceLifecycle
import ServiceManager
import Serving
import Settings
import Store
import Traffic
import Tuning
import UnixSignals
import Values
import Webhooks

/// The composition root: builds every part from the configuration and runs them until a signal.
struct Daemon {
    let settings: Settings
    let configurationPath: String

    private static let clock = WallClock()
    private static let shutdownGrace = Duration.seconds(20)

    func run() async throws {
        let logLevel = LogLevel(settings.logLevel)
        logLevel.bootstrap()
        let logger = Logger(label: "retuned")
        let manager = ServiceManager(environment: ProcessInfo.processInfo.environment)
        let reload = ConfigurationReload(
            path: configurationPath, settings: settings, logLevel: logLevel, manager: manager, logger: logger)
        try DurableFiles.makeFolder(settings.stateDirectory)
        let store = try DurableStore(
            folder: settings.stateDirectory,
            options: StoreOptions(
                ballastBytes: Int64(settings.ballastBytes),
                onFailure: { fault in
                    logger.critical("\(fault)")
                    exit(fault.isLasting ? 78 : 70)
                }))
        let keys = try KeyFile.keys(settings)
        try await store.remember(keys: keys.fingerprints)
        let client = HTTPClient()
        let wakers = Locked<[@Sendable () -> Void]>([])
        let runner = LocalJobRunner(engine: engineExecutable, logger: logger) {
            for wake in wakers.withLock({ $0 }) { wake() }
        }
        let restarts = Locked<[String: @Sendable () -> Void]>([:])
        var engines: [BuiltinEngine] = []
        var loops: [DeploymentLoop] = []
        var deployments: [ServedDeployment] = []
        for deployment in settings.deployments {
            let address: ServingAddress
            let backend: any ServingBackend
            if deployment.server == "builtin" {
                let engine = builtinEngine(deployment, client: client, logger: logger) { [name = deployment.name] in
                    restarts.withLock { $0[name] }?()
                }
                // A deployment that only logs names no model; its gateway answers that nothing serves.
                if !deployment.model.isEmpty { engines.append(engine) }
                (address, backend) = (engine.address, engine.backend)
            } else {
                address = ServingAddress(deployment.server)
                backend = ServingClient(address: address, client: client)
            }
            let loop = try await DeploymentLoop.open(
                try await loopContext(deployment, store: store, runner: runner, backend: backend, logger: logger),
                at: Self.clock.now())
            restarts.withLock { $0[deployment.name] = { loop.serverRestarted() } }
            loops.append(loop)
            deployments.append(ServedDeployment(loop: loop, address: address))
        }
        let opened = loops
        wakers.withLock { wakers in wakers = opened.map { loop in { loop.wakeUp() } } }
        let dispatcher = WebhookDispatcher(
            endpoints: try Self.endpoints(settings), outbox: store, client: client, clock: Self.clock,
            randomFraction: { Double.random(in: 0..<1) },
            makeIdentifier: { "msg_\(UUID().uuidString.lowercased())" }, logger: logger)
        reload.announce(to: dispatcher)
        let metrics = DaemonMetrics()
        let routes = DaemonRoutes(
            try daemonContext(
                store: store, keys: keys, deployments: deployments, dispatcher: dispatcher, client: client,
                metrics: metrics,
                reload: reload, logger: logger))
        let listener = HTTPListener(
            configuration: listenerConfiguration(), responder: routes.buildRoutes().buildResponder(),
            observer: metrics.observer,
            logger: logger, now: { Self.clock.now() },
            onRunning: { bound in
                logger.notice("listening on \(bound.map { "\($0)" }.joined(separator: ", "))")
                manager.ready()
            })
        let beat = max(
            0.1, min(5, settings.deployments.map { settings.scaled($0.experiment.lookInterval) / 2 }.min() ?? 5))
        let loopService = LoopService(
            loops: loops, beat: .seconds(beat), now: { Self.clock.now() },
            onStep: {
                manager.watchdog()
                let states = opened.map { "\($0.name): \($0.view.stateName)" }.joined(separator: "; ")
                manager.status((opened.isEmpty ? "no deployment" : states) + reload.note)
            },
            logger: logger)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = engines.map { Self.service($0) }
        services += [
            Self.service(dispatcher),
            Self.service(
                MaintenanceService(
                    store: store, settings: { reload.settings },
                    noteTokenUses: { try await routes.noteTokenUses() }, now: { Self.clock.now() }, logger: logger)),
            Self.service(loopService),
            Self.service(listener),
        ]
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.shutdownGrace
        let hangUp = reload.onHangUp()
        defer { hangUp.cancel() }
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as ServiceGroupError {
            logger.error("\(error)")
            throw error
        }
        manager.stopping()
        await routes.settled()
        try await routes.noteTokenUses()
        await runner.stopAll(grace: .seconds(8))
        try await store.close()
        client.close()
        logger.notice("stopped")
    }

    private static func service(_ service: any Service) -> ServiceGroupConfiguration.ServiceConfiguration {
        .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
    }
}
