import ArgumentParser

struct AdapterCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapters", abstract: "Trained adapters, where they come from, and which one serves.",
        subcommands: [
            AdapterListCommand.self, AdapterShowCommand.self, AdapterPromoteCommand.self, AdapterRollbackCommand.self,
        ])
}
