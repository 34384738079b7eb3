import HTTPTypes
import Hummingbird

/// Answers by the routes, and where none matches looks whether the path has other methods.
struct RoutesResponder: HTTPResponder {
    let routes: RouterResponder<ListenerContext>
    /// Every path, under GET, answering with the methods that it has.
    let allowed: RouterResponder<ListenerContext>

    /// What Hummingbird calls the route of a request that matches none.
    static let noRoute = "NotFound"

    func respond(to request: Request, context: ListenerContext) async throws -> Response {
        let response = try await routes.respond(to: request, context: context)
        guard response.status == .notFound, context.endpointPath == Self.noRoute else { return response }
        var probe = request.head
        probe.method = .get
        var answer = try await allowed.respond(
            to: Request(head: probe, body: .init(buffer: .init())), context: context)
        guard answer.status == .methodNotAllowed, let list = answer.headers[.allow] else {
            context.coreContext.endpointPath.value = Self.noRoute
            return response
        }
        let methods = list.split(separator: ", ").map(String.init)
        answer = Problem.methodNotAllowed(request.method, allowed: methods).response
        return answer
    }
}
