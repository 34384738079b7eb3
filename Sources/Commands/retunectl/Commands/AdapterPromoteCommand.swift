import API
import ArgumentParser

struct AdapterPromoteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Let an adapter serve everybody, whatever its experiment says.")

    @OptionGroup var action: ActionOptions
    @Argument(help: "The adapter.")
    var adapter: String

    func run() async throws {
        try await action.perform(.promote, adapter: adapter)
    }
}
