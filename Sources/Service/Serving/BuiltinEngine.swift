import ChildProcesses
package import Logging
package import OutboundHTTP
import ServiceLifecycle

/// `retuned-engine serve` as the daemon's child: started, watched and started again with growing delays.
package struct BuiltinEngine: Service {
    package let address: ServingAddress
    private let supervisor: Supervisor
    private let logger: Logger
    private let name: String
    private let onRestart: @Sendable () -> Void

    /// - Parameters:
    ///   - executable: path of `retuned-engine`.
    ///   - model: folder of the base checkpoint.
    ///   - servedName: name of the base model in the serving contract.
    ///   - socket: path of the Unix socket it listens on.
    ///   - onRestart: told when the engine has ended, and when it answers: it holds no adapters then.
    ///   - randomFraction: uniform in 0 ..< 1, for the jitter of restarts.
    package init(
        executable: String, model: String, servedName: String, socket: String, threads: Int, maximumBatch: Int,
        client: HTTPClient, onRestart: @escaping @Sendable () -> Void,
        randomFraction: @escaping @Sendable () -> Double, logger: Logger
    ) {
        let address = ServingAddress.unix(path: socket)
        self.address = address
        self.logger = logger
        name = servedName
        self.onRestart = onRestart
        let command = ChildCommand(
            executable: executable,
            arguments: [
                "serve", "--model", model, "--served-name", servedName, "--listen", "unix:\(socket)", "--threads",
                "\(threads)", "--maximum-batch", "\(maximumBatch)", "--exit-with-parent",
            ])
        let backend = ServingClient(address: address, client: client)
        supervisor = Supervisor(
            command: { command }, clock: .continuous, randomFraction: randomFraction,
            isReady: { _ in (try? await backend.models()) != nil },
            line: { logger.info("engine: \($0.text)") })
    }

    /// Process identifier of the engine while it answers.
    package var processIdentifier: Int32? { supervisor.readyProcess }

    package func run() async {
        let events = supervisor.events()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events {
                    logger.notice("engine of \(name): \(event)")
                    switch event {
                    case .exited, .ready: onRestart()
                    default: break
                    }
                }
            }
            group.addTask {
                await withGracefulShutdownHandler {
                    await supervisor.run()
                } onGracefulShutdown: {
                    supervisor.stop()
                }
            }
            await group.waitForAll()
        }
    }
}
