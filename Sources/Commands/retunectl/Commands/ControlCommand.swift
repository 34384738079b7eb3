import ArgumentParser

struct ControlCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retunectl",
        abstract: "See what the retuned daemon does, and tell it what to do.",
        discussion: """
            Talks to the daemon over its Unix socket ($RETUNED_SOCKET, else /run/retuned/retuned.sock), or with --url \
            over HTTP with the token of $RETUNED_TOKEN. Tables for people; --json prints the API's own answer.

            Exit statuses:
            \(ControlExit.allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n"))

            Completions: retunectl --generate-completion-script bash|zsh|fish
            """,
        version: "0.1.0",
        subcommands: [
            StatusCommand.self, ExperimentCommands.self, ShadowCommands.self, DriftCommand.self, ImpactCommand.self,
            AdapterCommands.self,
            CycleCommands.self, PauseCommand.self, ResumeCommand.self, DataCommands.self, TokenCommands.self,
            WebhookCommands.self, ConfigurationCommands.self,
        ])
}
