import FeedbackLoop
import HTTPListener
import HTTPServing
import Locking
import Logging
import OutboundHTTP
import ServiceLifecycle
import Serving
import Settings
import Signals
import Store
import Traffic
import Tuning
import Values
import Webhooks

/// The routes behind a real listener on loopback and a Unix socket, with a real store, a loop and a back end.
struct DaemonUnderTest: Sendable {
    /// 2026-11-25T00:00:00Z
    static let now = Timestamp(milliseconds: 1_795_564_800_000)
    static let deployment = "support-en"
    static let bodyBytes = 64 * 1024

    struct Answer: Sendable {
        var status: Int
        var headers: HeaderFields
        var body: [UInt8]
        var text: String { String(decoding: body, as: UTF8.self) }
        var json: JSONValue { (try? JSONValue(parsing: body)) ?? .null }
        var lines: [JSONValue] { body.split(separator: 0x0A).map { (try? JSONValue(parsing: Array($0))) ?? .null } }
    }

    let port: Int
    let socket: String
    let store: DurableStore
    let routes: DaemonRoutes
    let client: HTTPClient
    let backend: BackendUnderTest
    /// The wall clock of the routes.
    let wallClock: Locked<Timestamp>
    /// Ends the back end's listener.
    let stopBackend: @Sendable () async throws -> Void

    /// A request over TCP with a token, or over the Unix socket without one.
    func send(
        _ method: String, _ path: String, _ body: [UInt8] = [], token: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        let answer = try await client.fetch(
            request(method, path, body, token: token, headers: headers), upTo: 8 << 20)
        return Answer(status: answer.status, headers: answer.headers, body: answer.body)
    }

    func send(
        _ method: String, _ path: String, _ body: JSONValue, token: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, path, body.serialized, token: token, headers: headers)
    }

    func request(
        _ method: String, _ path: String, _ body: [UInt8], token: String?, headers: [String: String]
    ) -> OutboundRequest {
        var fields = HeaderFields(headers.map { .init(name: $0.key, value: $0.value) })
        if !body.isEmpty, fields["content-type"] == nil { fields["content-type"] = "application/json" }
        if let token { fields["authorization"] = "Bearer \(token)" }
        return OutboundRequest(
            method: method, url: "http://127.0.0.1:\(port)\(path)", unixSocketPath: token == nil ? socket : nil,
            headers: fields, body: body, deadlines: .init(total: .seconds(30)))
    }

    /// A token made over the Unix socket, as an operator makes it.
    func token(_ scopes: [String], deployment: String? = nil) async throws -> String {
        var request: JSONValue = ["name": "test", "scopes": .array(scopes.map(JSONValue.string))]
        if let deployment, case .object(var object) = request {
            object["deployment"] = .string(deployment)
            request = .object(object)
        }
        return try await send("POST", "/v1/tokens", request).json["token"]?.stringValue ?? ""
    }

    static func run(
        withExperiment: Bool = false, mayOperate: Bool = true, answerSeconds: Double = 20,
        pinned: (candidate: [String], incumbent: [String]) = ([], []),
        keys: String = PseudonymKeys.credential(id: "k1", secret: Array(0..<32)),
        _ body: @escaping @Sendable (DaemonUnderTest) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder()
        var options = StoreOptions()
        options.ballastBytes = 0
        let store = try DurableStore(folder: folder.path + "/state", options: options)
        if withExperiment { try await ExperimentUnderTest.commit(into: store) }
        var settings = Settings()
        settings.limits.bodyBytes = bodyBytes
        settings.limits.answerSeconds = answerSeconds
        var deployment = DeploymentSettings()
        deployment.name = Self.deployment
        deployment.mode = withExperiment ? .act : .propose
        // A server outside; where it listens is known below.
        if withExperiment { deployment.server = "http://127.0.0.1" }
        deployment.experiment.pinnedToCandidate = pinned.candidate
        deployment.experiment.pinnedToIncumbent = pinned.incumbent
        settings.deployments = [deployment]
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        let client = HTTPClient()
        let backend = BackendUnderTest()
        let loop = try await DeploymentLoop.open(
            LoopContext(
                settings: settings, deployment: deployment, store: store, runner: IdleRunner(),
                backend: FakeServer(), jobs: JobFolderWriter(root: folder.path + "/jobs"),
                adapters: AdapterFiles(root: folder.path + "/adapters"), checkpoint: nil, logger: logger), at: now)
        let (ports, foundPort) = AsyncStream.makeStream(of: Int.self)
        let backendListener = HTTPListener(
            configuration: ListenerConfiguration(addresses: [.tcp(host: "127.0.0.1", port: 0)]),
            responder: backend.routes.buildResponder(), logger: logger, now: { now },
            onRunning: { foundPort.yield($0[0].port ?? 0) })
        let stepped = Signal()
        let ended = Signal()
        let loops = LoopService(
            loops: [loop], beat: .seconds(3600), now: { now }, onStep: { stepped.set() }, logger: logger)
        let backends = ServiceGroup(services: [backendListener, loops], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { ended.set() }
                try await backends.run()
            }
            var backendPort = 0
            for await port in ports {
                backendPort = port
                break
            }
            try await stepped.wait()
            // What the server holds is known from the step after the one that asked it.
            await loop.waitForServer()
            await loop.finishStep()
            let clock = ContinuousClock()
            let started = clock.now
            let wallClock = Locked(now)
            let context = DaemonContext(
                settings: settings, store: store,
                deployments: [ServedDeployment(loop: loop, address: .url("http://127.0.0.1:\(backendPort)"))],
                keys: try PseudonymKeys(credential: keys),
                webhooks: WebhookDispatcher(
                    endpoints: [], outbox: store, client: client, clock: StillClock(), randomFraction: { 0.5 },
                    makeIdentifier: { "msg_test" }, logger: logger),
                client: client, metrics: DaemonMetrics(), mayOperate: { _, _ in mayOperate },
                reload: { throw SettingsError(path: "limits.bodySize", reason: "is not known") },
                configuredWebhooks: { [] },
                now: { wallClock.withLock { $0 } },
                uptimeSeconds: {
                    let past = clock.now - started
                    return Double(past.components.seconds) + Double(past.components.attoseconds) * 1e-18
                },
                randomBytes: { count in (0..<count).map { _ in UInt8.random(in: 0...255) } }, logger: logger)
            let routes = DaemonRoutes(context)
            let listener = HTTPListener(
                configuration: ListenerConfiguration(
                    addresses: [
                        .tcp(host: "127.0.0.1", port: 0), .unix(path: folder.path + "/socket", mode: 0o600),
                    ]),
                responder: routes.buildRoutes().buildResponder(), observer: context.metrics.observer, logger: logger,
                now: { now }, onRunning: { foundPort.yield($0[0].port ?? 0) })
            let daemon = ServiceGroup(services: [listener], logger: logger)
            tasks.addTask { try await daemon.run() }
            var port = 0
            for await found in ports {
                port = found
                break
            }
            let test = DaemonUnderTest(
                port: port, socket: folder.path + "/socket", store: store, routes: routes, client: client,
                backend: backend, wallClock: wallClock,
                stopBackend: {
                    await backends.triggerGracefulShutdown()
                    try await ended.wait()
                })
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(test))
            } catch {
                result = .failure(error)
            }
            client.close()
            await daemon.triggerGracefulShutdown()
            await backends.triggerGracefulShutdown()
            try await tasks.waitForAll()
            await routes.settled()
            try await store.close()
            try result.get()
        }
    }
}

/// A clock for webhooks that are never delivered here.
private struct StillClock: DeliveryClock {
    func now() -> Timestamp { DaemonUnderTest.now }
    func sleep(until time: Timestamp) async {}
}
