import API
import ArgumentParser

struct AdapterRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to what served before.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The adapter to go back from; by default the one that serves.")
    var adapter: String?

    func run() async throws {
        try await action.perform(.rollback, adapter: adapter)
    }
}
