import ArgumentParser

struct ConfigurationCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Configuration files, and the daemon's own.",
        subcommands: [ConfigurationCheckCommand.self, ConfigurationReloadCommand.self])
}
