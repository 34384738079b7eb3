import API
import Dispatch
import Glibc
import Locking
import Logging
import ServiceManager
import Settings
import Webhooks

/// Reads the configuration again while the daemon runs: asked by SIGHUP or over the operators' socket.
final class ConfigurationReload: Sendable {
    /// What the daemon reads anew each time it needs it.
    struct Live: Sendable {
        /// What is in force: as at the start, with the live keys of the last reload.
        var settings: Settings
        var reloads = 0
        var needRestart: [String] = []
    }

    private let path: String
    private let live: Locked<Live>
    private let logLevel: LogLevel
    private let manager: ServiceManager
    private let logger: Logger
    private let dispatcher: Locked<WebhookDispatcher?> = Locked(nil)

    init(path: String, settings: Settings, logLevel: LogLevel, manager: ServiceManager, logger: Logger) {
        self.path = path
        live = Locked(Live(settings: settings))
        self.logLevel = logLevel
        self.manager = manager
        self.logger = logger
    }

    var settings: Settings { live.withLock { $0.settings } }

    func announce(to dispatcher: WebhookDispatcher) {
        self.dispatcher.withLock { $0 = dispatcher }
    }

    /// What `systemctl status` shows of reloads; empty before the first.
    var note: String {
        live.withLock { live in
            guard live.reloads > 0 else { return "" }
            let rest = live.needRestart.isEmpty ? "" : "; need a restart: \(live.needRestart.joined(separator: ", "))"
            return "; reloads: \(live.reloads)\(rest)"
        }
    }

    /// - Throws: where the file is not valid or a secret cannot be read; then everything stays as it is.
    func reload() throws -> ReloadView {
        manager.reloading()
        defer { manager.ready() }
        do {
            let read = try SettingsFile.read(path)
            let endpoints = try Daemon.endpoints(read)
            let view = live.withLock { live in
                let changes = live.settings.changes(to: read)
                let isLive = { Settings.liveKeys.contains(Settings.key(of: $0)) }
                live.settings = live.settings.adoptingLiveKeys(of: read)
                live.reloads += 1
                live.needRestart = changes.filter { !isLive($0) }
                return ReloadView(
                    reloads: live.reloads, inForce: changes.filter(isLive), needRestart: live.needRestart)
            }
            logLevel.set(read.logLevel)
            dispatcher.withLock { $0 }?.reconfigure(endpoints: endpoints)
            tell(view)
            return view
        } catch {
            logger.error("reload refused, the old configuration stays: \(error)")
            throw error
        }
    }

    private func tell(_ view: ReloadView) {
        let changed =
            view.inForce.isEmpty
            ? "no setting that counts at once is new (secrets were read)" : view.inForce.joined(separator: ", ")
        logger.notice("configuration read again: \(changed)")
        for path in view.needRestart { logger.warning("\(path) needs a restart") }
    }

    /// SIGHUP asks as well; the outcome stands in the log.
    func onHangUp() -> any DispatchSourceSignal {
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
        source.setEventHandler { [self] in _ = try? reload() }
        source.resume()
        return source
    }
}
