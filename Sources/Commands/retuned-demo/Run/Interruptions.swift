import Dispatch
import Glibc

/// Ctrl-C and SIGTERM end what was started, then this process.
final class Interruptions: Sendable {
    nonisolated(unsafe) private let sources: [any DispatchSourceSignal]

    init(_ clean: @escaping @Sendable () -> Void) {
        unsafe sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                clean()
                exit(130)
            }
            source.resume()
            return source
        }
        signal(SIGPIPE, SIG_IGN)
    }

    func cancel() {
        for index in unsafe sources.indices { unsafe sources[index].cancel() }
    }
}
