import API
import ArgumentParser

struct ConfigurationReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the daemon read its configuration again, and say what is in force and what needs a restart.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
        let answer = try await connection.client().send("POST", "/v1/configuration/reload")
        try connection.show(ReloadView.self, answer, render: Screen.reloaded)
    }
}
