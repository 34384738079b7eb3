/// What a supervisor has seen or done.
package enum SupervisorEvent: Hashable, Sendable {
    case started(processIdentifier: Int32)
    case ready(processIdentifier: Int32)
    case cannotStart(reason: String)
    case notReady(processIdentifier: Int32, within: Duration)
    case exited(processIdentifier: Int32, ChildExit)
    case restarting(after: Duration, restart: Int)
    case stopped
}

extension SupervisorEvent: CustomStringConvertible {
    package var description: String {
        switch self {
        case .started(let process): "started as process \(process)"
        case .ready(let process): "process \(process) is ready"
        case .cannotStart(let reason): reason
        case .notReady(let process, let within): "process \(process) was not ready within \(within) and is ended"
        case .exited(let process, let exit): "process \(process) \(exit)"
        case .restarting(let after, let restart): "starting it again in \(after) (restart \(restart) in a row)"
        case .stopped: "stopped"
        }
    }
}
