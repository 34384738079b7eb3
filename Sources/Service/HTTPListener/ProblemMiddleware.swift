import Hummingbird
import Logging

/// Turns whatever a route throws into a problem.
struct ProblemMiddleware: MiddlewareProtocol {
    func handle(
        _ request: Request, context: ListenerContext,
        next: @concurrent (Request, ListenerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            return Problem.answer(to: error, context: context).response
        }
    }
}

extension Problem {
    /// The problem that `error` is answered with. A failure of our own is logged, and told only by its request's id.
    static func answer(to error: any Error, context: ListenerContext) -> Problem {
        if let problem = Problem(describing: error) { return problem }
        context.logger.error(
            "The request failed", metadata: ["error": "\(error)", "route": "\(context.endpointPath ?? "none")"])
        return .internalError(identifier: context.id)
    }
}
