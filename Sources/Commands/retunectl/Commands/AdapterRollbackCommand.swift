import API
import ArgumentParser

struct AdapterRollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback", abstract: "Go back to what served before: in one step, by its very bytes.",
        discussion: """
            Without a name a candidate that is being compared is taken back, else the last promotion. With a name that
            adapter serves everybody from now on; it must have served before. `base` is the base model alone.
            """)

    @OptionGroup var action: ActionOptions
    @Argument(help: "The adapter to go back to, or base; by default what served before.")
    var adapter: String?

    func run() async throws {
        try await action.perform(.rollback, adapter: adapter)
    }
}
