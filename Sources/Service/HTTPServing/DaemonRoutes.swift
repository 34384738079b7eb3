import FeedbackLoop
import Settings
import API
import HTTPListener
import HTTPTypes
import Hummingbird
import Store
import Traffic
import Values

/// Every route of the daemon, each behind the scope that the table of routes names.
package struct DaemonRoutes: Sendable {
    let context: DaemonContext
    let authority: Authority
    let edge: TrafficEdge

    package init(_ context: DaemonContext) {
        self.context = context
        authority = Authority(context: context)
        var scales: [String: [RatingScale]] = [:]
        for deployment in context.deployments {
            scales[deployment.name] = deployment.settings.scales.map { RatingScale($0) }
        }
        var limits = TrafficLimits()
        limits.recordsPerRequest = context.settings.limits.recordsPerRequest
        limits.messagesPerRecord = context.settings.limits.messagesPerInteraction
        limits.textBytes = context.settings.limits.textBytes
        limits.metadataBytes = context.settings.limits.metadataBytes
        limits.depth = context.settings.limits.nesting
        edge = TrafficEdge(keys: context.keys, limits: limits, scales: scales)
    }

    typealias Handler = @Sendable (Call) async throws -> Response

    /// The handler of each row of the table, by `METHOD path`.
    private var handlers: [String: Handler] {
        ingestHandlers.merging(gatewayHandlers) { first, _ in first }
            .merging(openFeatureHandlers) { first, _ in first }
            .merging(operatorHandlers) { first, _ in first }
            .merging(experimentHandlers) { first, _ in first }
            .merging(administrationHandlers) { first, _ in first }
            .merging(machineHandlers) { first, _ in first }
    }

    /// The router, built from the table: a row without a handler, or a handler without a row, is a mistake of ours.
    package func buildRoutes() -> ListenerRoutes {
        let routes = ListenerRoutes()
        let handlers = self.handlers
        precondition(
            Set(handlers.keys) == Set(RouteTable.all.map { Self.key($0) }), "the routes differ from their table")
        for route in RouteTable.all {
            guard let handler = handlers[Self.key(route)] else { continue }
            let scope = route.scope
            routes.on(RouterPath(route.path), method: .init(rawValue: route.method.rawValue.uppercased()) ?? .get) {
                request, context in
                try await respond(request, context, scope: scope, handler)
            }
        }
        return routes
    }

    static func key(_ route: Route) -> String { "\(route.method.rawValue.uppercased()) \(route.path)" }

    private func respond(
        _ request: Request, _ listener: ListenerContext, scope: Scope?, _ handler: Handler
    ) async throws -> Response {
        let caller =
            if let scope {
                try await authority.caller(of: request, peer: listener.peer, scope: scope)
            } else {
                Caller.nobody
            }
        do {
            return try await handler(Call(request: request, context: listener, caller: caller))
        } catch let error as StoreError {
            if case .full = error {
                throw ListenerProblem.unavailable("\(error)", kind: "log-full", retryAfterSeconds: 30)
            }
            throw error
        }
    }

    /// The deployment of the path, if the caller may see it.
    func deployment(_ call: Call) throws -> ServedDeployment {
        try deployment(named: try call.parameter("deployment"), caller: call.caller)
    }

    func deployment(named name: String, caller: Caller) throws -> ServedDeployment {
        guard let deployment = context.deployments.first(where: { $0.name == name }), caller.may(see: name) else {
            throw ListenerProblem.notFound("There is no deployment named ‘\(name)’; see GET /v1/deployments.")
        }
        return deployment
    }
}
