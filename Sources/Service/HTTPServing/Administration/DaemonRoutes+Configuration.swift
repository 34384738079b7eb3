import API
import HTTPListener
import Hummingbird
import Settings

extension DaemonRoutes {
    /// Reads the configuration file again; answered when what can change is in force.
    func reloadConfiguration(_ call: Call) throws -> Response {
        do {
            return try .object(context.reload())
        } catch {
            throw ListenerProblem(
                .conflict, kind: "configuration-refused", title: "The configuration is not valid.",
                detail: "The configuration in force stays: \(error)")
        }
    }
}
