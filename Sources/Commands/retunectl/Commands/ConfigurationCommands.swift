import ArgumentParser

struct ConfigurationCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Configuration files.", subcommands: [ConfigurationCheckCommand.self])
}
