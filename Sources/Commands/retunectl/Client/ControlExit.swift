/// Exit statuses, for scripts.
package enum ControlExit: Int32, Sendable, CaseIterable {
    /// Done, or shown.
    case done = 0
    /// The command line is wrong.
    case usage = 1
    /// The daemon cannot be reached.
    case unreachable = 2
    /// The daemon refused: a bad record or value, a conflict, a cycle that has moved on.
    case refused = 3
    /// No such deployment, cycle, experiment, adapter, token or webhook.
    case notFound = 4
    /// The token or the socket's peer may not do this.
    case forbidden = 5
    /// The daemon is there and cannot do it now (5xx); the same call may succeed later.
    case unavailable = 6
    /// A file here cannot be read or written, or is not valid.
    case badFile = 7

    package var meaning: String {
        switch self {
        case .done: "done"
        case .usage: "the command line is wrong"
        case .unreachable: "the daemon cannot be reached"
        case .refused: "the daemon refused it, or it conflicts with what is kept"
        case .notFound: "no such deployment, cycle, experiment, adapter, token or webhook"
        case .forbidden: "not authorised"
        case .unavailable: "the daemon cannot do it now; try again later"
        case .badFile: "a file here cannot be read or written, or is not valid"
        }
    }
}
