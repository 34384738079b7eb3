import Locking
import Logging

/// The least level that is logged, changeable while the daemon runs.
final class LogLevel: Sendable {
    private let level: Locked<Logger.Level>

    init(_ name: String) {
        level = Locked(Logger.Level(rawValue: name) ?? .info)
    }

    func set(_ name: String) {
        if let level = Logger.Level(rawValue: name) { self.level.withLock { $0 = level } }
    }

    /// Sends every logger to standard error. Once in a process.
    func bootstrap() {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .trace
            return Handler(inner: handler, common: self)
        }
    }

    private var current: Logger.Level { level.withLock { $0 } }

    private struct Handler: LogHandler {
        var inner: StreamLogHandler
        let common: LogLevel

        var logLevel: Logger.Level {
            get { common.current }
            // One level holds for the whole daemon.
            set {}
        }
        var metadata: Logger.Metadata {
            get { inner.metadata }
            set { inner.metadata = newValue }
        }
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { inner[metadataKey: key] }
            set { inner[metadataKey: key] = newValue }
        }
        func log(event: LogEvent) { inner.log(event: event) }
    }
}
