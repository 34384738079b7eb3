import Logging
import ServiceLifecycle
import Settings
import Store
import Values

/// Once a minute: old rows are deleted under retention, free pages given back, the ballast made again, and it is written
/// down when tokens were last used.
struct MaintenanceService: Service {
    let store: DurableStore
    let settings: @Sendable () -> Settings
    let noteTokenUses: @Sendable () async throws -> Void
    let now: @Sendable () -> Timestamp
    let logger: Logger

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try await Task.sleep(for: .seconds(60))
                do {
                    try await deleteOldRows()
                    try await store.maintain()
                    try await noteTokenUses()
                } catch let fault as StoreError where fault.isFatal {
                    throw fault
                } catch {
                    logger.warning("maintenance: \(error)")
                }
            }
        }
    }

    private func deleteOldRows() async throws {
        let settings = self.settings()
        let limit = now().advanced(bySeconds: -settings.scaled(settings.retention))
        for deployment in settings.deployments {
            while try await store.deleteLog(deployment: deployment.name, before: limit) > 0 {}
        }
        while try await store.deleteEvents(before: limit, limit: 500) > 0 {}
    }
}
