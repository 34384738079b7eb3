/// Why there is no child. How one that was started ended is a `ChildExit`.
package enum ChildProcessError: Error, Equatable, Sendable {
    case cannotStart(executable: String, reason: String)
}

extension ChildProcessError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .cannotStart(let executable, let reason): "\(executable) cannot be started: \(reason)"
        }
    }
}
