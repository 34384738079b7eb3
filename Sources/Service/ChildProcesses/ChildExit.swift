import Glibc

/// How a process ended.
package enum ChildExit: Hashable, Sendable {
    case exited(code: Int32)
    case signalled(Int32)

    package var isSuccess: Bool { self == .exited(code: 0) }
}

extension ChildExit: CustomStringConvertible {
    package var description: String {
        switch self {
        case .exited(0): "ended normally"
        case .exited(let code): "ended with exit code \(code)"
        case .signalled(SIGKILL): "was killed (SIGKILL), by an operator or for want of memory"
        case .signalled(SIGABRT): "aborted (SIGABRT), which a failed allocation does too"
        case .signalled(SIGTERM): "was ended by SIGTERM"
        case .signalled(SIGILL): "trapped (SIGILL)"
        case .signalled(SIGSEGV): "crashed (SIGSEGV)"
        case .signalled(let number): "was ended by signal \(number)"
        }
    }
}
