package import HTTPTypes
package import Hummingbird

/// The routes of a service: Hummingbird's router, with HEAD for every GET, a problem for every error, and 405 with
/// `Allow` where the path exists and the method does not.
package final class Routes: RouterMethods {
    /// The context that every handler gets, as `RouterMethods` asks for it.
    package typealias Context = ListenerContext

    private let router: Router<ListenerContext>
    private var methods: [String: (path: RouterPath, methods: Set<String>)] = [:]

    package init() {
        router = Router(context: ListenerContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: ProblemMiddleware())
    }

    @discardableResult
    package func on<Responder: HTTPResponder>(
        _ path: RouterPath, method: HTTPRequest.Method, responder: Responder
    ) -> Self where Responder.Context == ListenerContext {
        methods[path.description, default: (path, [])].methods.insert(method.rawValue)
        router.on(path, method: method, responder: responder)
        return self
    }

    /// Adds a middleware around the routes that are added after it.
    @discardableResult
    package func add(middleware: any MiddlewareProtocol<Request, Response, ListenerContext>) -> Self {
        router.add(middleware: middleware)
        return self
    }

    /// Every route's pattern and methods, for documentation and tests.
    package var all: [(path: String, methods: [String])] {
        methods.values.map { ($0.path.description, $0.methods.sorted()) }.sorted { $0.path < $1.path }
    }

    package func buildResponder() -> some HTTPResponder<ListenerContext> {
        let allowed = Router(context: ListenerContext.self)
        for (path, methods) in methods.values {
            let list = methods.contains("GET") ? methods.union(["HEAD"]) : methods
            allowed.get(path) { request, _ -> Response in
                throw Problem.methodNotAllowed(request.method, allowed: Array(list))
            }
        }
        return RoutesResponder(routes: router.buildResponder(), allowed: allowed.buildResponder())
    }
}
