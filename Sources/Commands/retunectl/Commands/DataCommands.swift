import ArgumentParser

struct DataCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "The log: import, export, and forgetting a person.",
        subcommands: [DataImportCommand.self, DataExportCommand.self, DataEraseCommand.self])
}
