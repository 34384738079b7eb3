import ChildProcesses
import Locking
package import Logging
package import OutboundHTTP
import ServiceLifecycle

/// `retuned-engine serve` as the daemon's child: started, watched and started again with growing delays.
package struct BuiltinEngine: Service {
    package let address: ServingAddress
    /// The engine as the loop asks it.
    package let backend: any ServingBackend
    private let supervisor: Supervisor
    private let words: LastWords
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
                "\(threads)", "--maximum-batch", "\(maximumBatch)", "--parent",
                "\(ChildProcess.ownIdentifier)",
            ])
        let asked = ServingClient(address: address, client: client)
        let words = LastWords()
        self.words = words
        backend = BuiltinBackend(client: asked, trouble: { words.trouble })
        supervisor = Supervisor(
            command: { command }, clock: .continuous, randomFraction: randomFraction,
            isReady: { _ in (try? await asked.models()) != nil },
            line: {
                words.hear($0.text)
                logger.info("engine: \($0.text)")
            })
    }

    /// Process identifier of the engine while it answers.
    package var processIdentifier: Int32? { supervisor.readyProcess }

    package func run() async {
        let events = supervisor.events()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events {
                    words.see(event)
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

/// What an engine said last, and how it ended.
private final class LastWords: Sendable {
    private struct State {
        var line = ""
        var ending: String? = "it is starting"
    }

    private let state = Locked(State())

    func hear(_ line: String) {
        if !line.isEmpty { state.withLock { $0.line = line } }
    }

    func see(_ event: SupervisorEvent) {
        state.withLock { state in
            switch event {
            case .started: (state.line, state.ending) = ("", state.ending ?? "it is starting")
            case .ready: state.ending = nil
            case .exited(_, let exit): state.ending = "it \(exit)" + (state.line.isEmpty ? "" : ": \(state.line)")
            case .cannotStart(let reason): state.ending = reason
            case .notReady(_, let within): state.ending = "it was not ready within \(within)"
            case .restarting, .stopped: break
            }
        }
    }

    var trouble: String? { state.withLock { $0.ending } }
}
