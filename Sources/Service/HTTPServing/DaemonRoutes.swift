import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Settings
import Traffic
import Values

/// The daemon's HTTP interface: every route of `API.Routes.all`, with who may call it.
///
/// The composition root makes it once and hands its router to as many listeners as it likes:
///
/// ```swift
/// let metrics = DaemonMetrics()
/// let routes = DaemonRoutes(DaemonContext(settings: …, store: …, deployments: [ServedDeployment(loop: …,
///     address: …)], keys: …, webhooks: …, client: …, metrics: metrics, mayOperate: { user, group in … },
///     reload: …, configuredWebhooks: …, now: …, uptimeSeconds: …, randomBytes: …, logger: …))
/// HTTPListener(configuration: …, responder: routes.buildRoutes().buildResponder(), observer: metrics.observer, …)
/// // at the end, after the listeners have stopped and before the store is closed:
/// await routes.settled()
/// try await routes.noteTokenUses()
/// ```
///
/// How a request goes: the router finds its route; the caller is found by token or Unix peer (`Authority`) and must have
/// the route's scope; the handler answers; what it throws becomes the route's own form of error.
package struct DaemonRoutes: Sendable {
    typealias Handler = @Sendable (Call) async throws -> Response

    let context: DaemonContext
    let deployments: [String: ServedDeployment]
    let edge: TrafficEdge
    let authority: Authority
    let assigner: ArmAssigner
    let log: GatewayLog
    let gateway: Gateway
    private let openAPI: [UInt8]

    package init(_ context: DaemonContext) {
        self.context = context
        deployments = Dictionary(context.deployments.map { ($0.name, $0) }) { first, _ in first }
        edge = TrafficEdge(keys: context.keys, settings: context.settings)
        authority = Authority(context: context)
        assigner = ArmAssigner(store: context.store, keys: context.keys, deployments: context.deployments)
        log = GatewayLog(context: context, edge: edge)
        gateway = Gateway(context: context, assigner: assigner, log: log)
        openAPI = OpenAPIDocument.make().serialized
    }

    /// Waits until every answer of the gateway that has ended is in the log.
    package func settled() async { await log.settled() }

    /// Writes down when tokens were last used; call it about once a minute, and at the end.
    package func noteTokenUses() async throws { try await authority.noteUses() }

    /// The router, with every route of the table.
    package func buildRoutes() -> ListenerRoutes {
        let routes = ListenerRoutes()
        for route in RouteTable.all {
            let name = "\(route.method.rawValue) \(route.path)"
            guard let handler = handlers[name] else { preconditionFailure("the route \(name) has no handler") }
            let authority = self.authority
            routes.on(
                RouterPath(route.path), method: HTTPRequest.Method(rawValue: route.method.rawValue) ?? .get
            ) { request, context -> Response in
                do {
                    var call = Call(request: request, context: context, caller: .nobody)
                    if let scope = route.scope ?? Self.scopeAfar(route, peer: context.peer) {
                        call.caller = try await authority.caller(of: request, peer: context.peer, scope: scope)
                    }
                    return try await handler(call)
                } catch {
                    guard let problem = ListenerProblem(failure: error) else { throw error }
                    return try RouteFailure.response(to: problem, of: route)
                }
            }
        }
        return routes
    }

    /// What machines on the same host may read openly needs `read` from elsewhere.
    private static func scopeAfar(_ route: Route, peer: Peer) -> Scope? {
        guard case .tcp(let address) = peer, !isLoopback(address), !route.path.hasPrefix("/v1") else { return nil }
        return .read
    }

    private static func isLoopback(_ address: String) -> Bool {
        address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    }

    /// The deployment that the path names, where the caller may see it.
    func deployment(of call: Call) throws -> ServedDeployment {
        let name = try call.parameter("deployment")
        try call.caller.check(name)
        guard let deployment = deployments[name] else {
            throw ListenerProblem(
                .notFound, kind: "deployment-unknown", title: "The deployment is not known.",
                detail: "No deployment is named \(name); GET /v1/deployments lists them.")
        }
        return deployment
    }

    private var handlers: [String: Handler] {
        applicationHandlers.merging(operatorHandlers) { first, _ in first }
            .merging(experimentHandlers) { first, _ in first }
            .merging(administrationHandlers) { first, _ in first }
            .merging(machineHandlers) { first, _ in first }
    }

    private var applicationHandlers: [String: Handler] {
        [
            "POST /v1/interactions": { try await postInteractions($0) },
            "POST /v1/ratings": { try await postRatings($0) },
            "POST /v1/chat/completions": { [gateway] in try await gateway.answer($0) },
            "GET /v1/models": { [gateway] in try gateway.models($0) },
            "POST /ofrep/v1/evaluate/flags/{deployment}": { try await evaluate($0) },
            "POST /ofrep/v1/evaluate/flags": { try await evaluateAll($0) },
        ]
    }

    private var operatorHandlers: [String: Handler] {
        let deployment = "/v1/deployments/{deployment}"
        return [
            "GET /v1/deployments": { try await listDeployments($0) },
            "GET \(deployment)": { try await showDeployment($0) },
            "GET \(deployment)/drift": { try await showDrift($0) },
            "GET \(deployment)/impact": { try await showImpact($0) },
            "GET \(deployment)/cycles": { try await listCycles($0) },
            "GET \(deployment)/cycles/{cycle}": { try await showCycle($0) },
            "GET \(deployment)/cycles/{cycle}/dossier": { try await showDossier($0) },
            "GET \(deployment)/adapters": { try await listAdapters($0) },
            "GET \(deployment)/adapters/{adapter}": { try await showAdapter($0) },
            "GET \(deployment)/adapters/{adapter}/dossier": { try await showAdapterDossier($0) },
            "GET \(deployment)/interactions": { try await exportInteractions($0) },
            "GET \(deployment)/ratings": { try await exportRatings($0) },
            "POST \(deployment)/actions": { try await act($0) },
            "DELETE \(deployment)/units": { try await eraseUnit($0) },
            "POST \(deployment)/units/export": { try await exportUnit($0) },
        ]
    }

    private var experimentHandlers: [String: Handler] {
        let deployment = "/v1/deployments/{deployment}"
        return [
            "GET \(deployment)/plan": { try await showPlan($0) },
            "GET \(deployment)/traffic": { try await exportTraffic($0) },
            "GET \(deployment)/shadows/{cycle}": { try await showShadow($0) },
            "GET \(deployment)/shadows/{cycle}/pairs": { try await exportShadowPairs($0) },
            "POST \(deployment)/shadows/{cycle}/judgements": { try await postJudgements($0) },
            "GET \(deployment)/experiments": { try await listExperiments($0) },
            "GET \(deployment)/experiments/{experiment}": { try await showExperiment($0) },
            "GET \(deployment)/experiments/{experiment}/assignments": { try await exportAssignments($0) },
            "GET \(deployment)/experiments/{experiment}/newcomers": { try await exportNewcomers($0) },
            "GET \(deployment)/experiments/{experiment}/difficulties": { try await exportDifficulties($0) },
            "GET \(deployment)/experiments/{experiment}/ratings": { try await exportExperimentRatings($0) },
            "GET \(deployment)/experiments/{experiment}/requests": { try await exportExperimentRequests($0) },
        ]
    }

    private var administrationHandlers: [String: Handler] {
        [
            "GET /v1/tokens": { try await listTokens($0) },
            "POST /v1/tokens": { try await makeToken($0) },
            "DELETE /v1/tokens/{token}": { try await revokeToken($0) },
            "GET /v1/webhooks": { try await listWebhooks($0) },
            "GET /v1/webhooks/dead-letters": { try await listDeadLetters($0) },
            "POST /v1/webhooks/test": { try await testWebhook($0) },
            "POST /v1/webhooks/enable": { try await enableWebhook($0) },
            "POST /v1/webhooks/resend": { try await resendWebhooks($0) },
            "POST /v1/configuration/reload": { try reloadConfiguration($0) },
        ]
    }

    private var machineHandlers: [String: Handler] {
        [
            "GET /v1/openapi.json": { [openAPI] _ in .json(openAPI) },
            "GET /healthz": { _ in try showHealth() },
            "GET /readyz": { _ in try await showReadiness() },
            "GET /metrics": { _ in try await showMetrics() },
        ]
    }
}
